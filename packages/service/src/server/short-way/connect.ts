import { requestIdHeader } from "../../request-id.ts";
import { acceptedCompression, compressedBytesMin } from "../compression.ts";
import { messageBytesMax } from "../limits.ts";
import { headerOf, isAbsentOr, type Protocol } from "./protocol.ts";
import { sendCompressed } from "./send-compressed.ts";

const timeoutPattern = /^[1-9]\d{0,9}$/;

/** The Connect protocol's unary calls: the body is the message. */
export const connect: Protocol = {
  isUsual(request) {
    const { "content-encoding": encoding, "content-length": promised = "0" } = request.headers;
    if (encoding !== undefined || !(Number(promised) <= messageBytesMax)) return false;
    return isAbsentOr(request, "connect-timeout-ms", timeoutPattern);
  },

  mayBegin: () => true,

  messageIn(body, { headers }) {
    const promised = headers["content-length"];
    return promised === undefined || promised === String(body.length) ? body : undefined;
  },

  answer(request, response, message, requestId) {
    const send = (body: Uint8Array, encoding: Readonly<Record<string, string>>) => {
      response.writeHead(200, {
        ...encoding,
        "content-length": String(body.length),
        "content-type": "application/proto",
        [requestIdHeader]: requestId,
      });
      response.end(body);
    };
    const isLarge = message.length >= compressedBytesMin;
    const compression = isLarge ? acceptedCompression(headerOf(request, "accept-encoding")) : undefined;
    if (compression === undefined) return send(message, {});
    const encoding = { "content-encoding": compression.name };
    void sendCompressed(compression, message, response, (body) => send(body, encoding));
  },
};
