import type { OutgoingHttpHeaders } from "node:http";
import { type Compression, compressedFlag } from "@connectrpc/connect/protocol";
import { parseTimeout, setTrailerStatus } from "@connectrpc/connect/protocol-grpc";
import { framed, prefixBytes } from "../../grpc-frame.ts";
import { requestIdHeader } from "../../request-id.ts";
import { acceptedCompression, compressedBytesMin } from "../compression.ts";
import { rewriteGrpcMessage } from "../grpc-message.ts";
import { messageBytesMax } from "../limits.ts";
import type { HttpRequest } from "../listener.ts";
import { headerOf, type Protocol, patienceIn } from "./protocol.ts";
import { sendCompressed } from "./send-compressed.ts";

/** gRPC, over HTTP/2. */
export const grpc: Protocol = {
  isUsual({ httpVersionMajor, headers }) {
    return httpVersionMajor === 2 && headers["grpc-encoding"] === undefined;
  },

  patienceMs: (request) => patienceIn(request, "grpc-timeout", parseTimeout),

  mayBegin(first) {
    return first.length < prefixBytes || (first[0] === 0 && first.readUInt32BE(1) <= messageBytesMax);
  },

  messageIn(body) {
    const isOne = body.length >= prefixBytes && body.readUInt32BE(1) === body.length - prefixBytes;
    return isOne && body[0] === 0 ? body.subarray(prefixBytes) : undefined;
  },

  answer(request, response, message, requestId) {
    const compression = compressionFor(request);
    const send = (bytes: Uint8Array, flags: number) => {
      response.writeHead(200, { ...headOf(compression), [requestIdHeader]: requestId });
      response.addTrailers({ "grpc-status": "0" });
      response.end(framed(bytes, flags));
    };
    if (compression === undefined || message.length < compressedBytesMin) return send(message, 0);
    void sendCompressed(compression, message, response, (bytes) => send(bytes, compressedFlag));
  },

  refuse(request, response, error, requestId) {
    rewriteGrpcMessage(response);
    response.writeHead(200, headOf(compressionFor(request)));
    const trailers = setTrailerStatus(new Headers({ [requestIdHeader]: requestId }), error);
    response.addTrailers(Object.fromEntries(trailers));
    response.end();
  },
};

function compressionFor(request: HttpRequest): Compression | undefined {
  return acceptedCompression(headerOf(request, "grpc-accept-encoding"));
}

/** The compression is said also of an answer that is too small for it. */
function headOf(compression: Compression | undefined): OutgoingHttpHeaders {
  const type = { "content-type": "application/grpc+proto" };
  return compression === undefined ? type : { ...type, "grpc-encoding": compression.name };
}
