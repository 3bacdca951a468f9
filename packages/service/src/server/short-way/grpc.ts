import { requestIdHeader } from "../../request-id.ts";
import { acceptedCompression, compressedBytesMin } from "../compression.ts";
import { headerOf, isAbsentOr, type Protocol } from "./protocol.ts";

const timeoutPattern = /^[1-9]\d{0,7}[HMSmun]$/;
/** Before each message: a byte of flags, and its length in four. */
const prefixBytes = 5;

/** gRPC, over HTTP/2. */
export const grpc: Protocol = {
  isUsual(request) {
    if (request.httpVersionMajor !== 2 || request.headers["grpc-encoding"] !== undefined) return false;
    return isAbsentOr(request, "grpc-timeout", timeoutPattern);
  },

  messageIn(body) {
    const isOne = body.length >= prefixBytes && body.readUInt32BE(1) === body.length - prefixBytes;
    return isOne && body[0] === 0 ? body.subarray(prefixBytes) : undefined;
  },

  answer(request, response, message, requestId) {
    const encoding = acceptedCompression(headerOf(request, "grpc-accept-encoding"));
    if (encoding !== undefined && message.length >= compressedBytesMin) return false;
    const framed = Buffer.allocUnsafe(prefixBytes + message.length);
    framed[0] = 0;
    framed.writeUInt32BE(message.length, 1);
    framed.set(message, prefixBytes);
    response.writeHead(200, {
      "content-type": "application/grpc+proto",
      // Said also of an answer that is too small for it.
      ...(encoding === undefined ? {} : { "grpc-encoding": encoding }),
      [requestIdHeader]: requestId,
    });
    response.addTrailers({ "grpc-status": "0" });
    response.end(framed);
    return true;
  },
};
