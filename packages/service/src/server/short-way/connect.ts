import { codeToHttpStatus, errorToJsonBytes, parseTimeout } from "@connectrpc/connect/protocol-connect";
import { requestIdHeader } from "../../request-id.ts";
import { acceptedCompression, compressedBytesMin } from "../compression.ts";
import { messageBytesMax } from "../limits.ts";
import type { HttpRequest, HttpResponse } from "../listener.ts";
import { headerOf, type Protocol, patienceIn } from "./protocol.ts";
import { sendCompressed } from "./send-compressed.ts";

/** The Connect protocol's unary calls: the body is the message. */
export const connect: Protocol = {
  isUsual({ headers: { "content-encoding": encoding, "content-length": promised = "0" } }) {
    return encoding === undefined && Number(promised) <= messageBytesMax;
  },

  patienceMs: (request) => patienceIn(request, "connect-timeout-ms", parseTimeout),

  mayBegin: () => true,

  messageIn(body, { headers }) {
    const isAll = (headers["content-length"] ?? String(body.length)) === String(body.length);
    return isAll && body.length <= messageBytesMax ? body : undefined;
  },

  answer(request, response, message, requestId) {
    const head = { "content-type": "application/proto", [requestIdHeader]: requestId };
    send(request, response, 200, head, message);
  },

  refuse(request, response, error, requestId) {
    const head = { "content-type": "application/json", [requestIdHeader]: requestId };
    send(request, response, codeToHttpStatus(error.code), head, errorToJsonBytes(error, undefined));
  },
};

function send(
  request: HttpRequest,
  response: HttpResponse,
  status: number,
  head: Readonly<Record<string, string>>,
  body: Uint8Array,
): void {
  const write = (bytes: Uint8Array, more?: Readonly<Record<string, string>>) => {
    response.writeHead(status, { ...head, ...more, "content-length": String(bytes.length) });
    response.end(bytes);
  };
  const isLarge = body.length >= compressedBytesMin;
  const compression = isLarge ? acceptedCompression(headerOf(request, "accept-encoding")) : undefined;
  if (compression === undefined) return write(body);
  const encoding = { "content-encoding": compression.name };
  void sendCompressed(compression, body, response, (bytes) => write(bytes, encoding));
}
