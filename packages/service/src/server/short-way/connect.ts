import { requestIdHeader } from "../../request-id.ts";
import { acceptedCompression, compressedBytesMin } from "../compression.ts";
import { headerOf, isAbsentOr, type Protocol } from "./protocol.ts";

const timeoutPattern = /^[1-9]\d{0,9}$/;

/** The Connect protocol's unary calls: the body is the message. */
export const connect: Protocol = {
  isUsual(request) {
    if (request.headers["content-encoding"] !== undefined) return false;
    return isAbsentOr(request, "connect-timeout-ms", timeoutPattern);
  },

  messageIn(body, { headers }) {
    const promised = headers["content-length"];
    return promised === undefined || promised === String(body.length) ? body : undefined;
  },

  answer(request, response, message, requestId) {
    const isLarge = message.length >= compressedBytesMin;
    if (isLarge && acceptedCompression(headerOf(request, "accept-encoding")) !== undefined) return false;
    response.writeHead(200, {
      "content-length": String(message.length),
      "content-type": "application/proto",
      [requestIdHeader]: requestId,
    });
    response.end(message);
    return true;
  },
};
