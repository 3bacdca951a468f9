import { compressedFlag } from "@connectrpc/connect/protocol";
import { requestIdHeader } from "../../request-id.ts";
import { acceptedCompression, compressedBytesMin } from "../compression.ts";
import { messageBytesMax } from "../limits.ts";
import { headerOf, isAbsentOr, type Protocol, prefixBytes } from "./protocol.ts";
import { sendCompressed } from "./send-compressed.ts";

const timeoutPattern = /^[1-9]\d{0,7}[HMSmun]$/;

/** gRPC, over HTTP/2. */
export const grpc: Protocol = {
  isUsual(request) {
    if (request.httpVersionMajor !== 2 || request.headers["grpc-encoding"] !== undefined) return false;
    return isAbsentOr(request, "grpc-timeout", timeoutPattern);
  },

  mayBegin(first) {
    return first.length < prefixBytes || (first[0] === 0 && first.readUInt32BE(1) <= messageBytesMax);
  },

  messageIn(body) {
    const isOne = body.length >= prefixBytes && body.readUInt32BE(1) === body.length - prefixBytes;
    return isOne && body[0] === 0 ? body.subarray(prefixBytes) : undefined;
  },

  answer(request, response, message, requestId) {
    const compression = acceptedCompression(headerOf(request, "grpc-accept-encoding"));
    const send = (bytes: Uint8Array, flags: number) => {
      response.writeHead(200, {
        "content-type": "application/grpc+proto",
        // Said also of an answer that is too small to be compressed.
        ...(compression === undefined ? {} : { "grpc-encoding": compression.name }),
        [requestIdHeader]: requestId,
      });
      response.addTrailers({ "grpc-status": "0" });
      response.end(framed(bytes, flags));
    };
    if (compression === undefined || message.length < compressedBytesMin) return send(message, 0);
    void sendCompressed(compression, message, response, (bytes) => send(bytes, compressedFlag));
  },
};

function framed(message: Uint8Array, flags: number): Buffer {
  const frame = Buffer.allocUnsafe(prefixBytes + message.length);
  frame[0] = flags;
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, prefixBytes);
  return frame;
}
