import type { IncomingHttpHeaders, OutgoingHttpHeaders } from "node:http2";

/** What is between two neighbours on the way, and not for the end of it. */
const hopByHop = new Set([
  "connection",
  "http2-settings",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** Of a request, what only the edge may say, or is said anew. */
const ownToTheEdge =
  /^(?:host|expect|cookie|forwarded|via|x-real-ip|x-request-id|x-forwarded-.*|x-portcullis-.*)$/;

/** The headers of a request as they go on. */
export function requestHeaders(headers: IncomingHttpHeaders): OutgoingHttpHeaders {
  const named = connectionHeaders(headers);
  return Object.fromEntries(
    Object.entries(headers).filter(
      ([name]) =>
        !name.startsWith(":") && !hopByHop.has(name) && !named.has(name) && !ownToTheEdge.test(name),
    ),
  );
}

/** The headers of an answer as they go on. */
export function responseHeaders(headers: IncomingHttpHeaders): OutgoingHttpHeaders {
  return Object.fromEntries(
    Object.entries(headers).filter(
      ([name]) =>
        !name.startsWith(":") &&
        !hopByHop.has(name) &&
        !name.startsWith("access-control-") &&
        name !== "x-request-id",
    ),
  );
}

/** Headers that the connection header says are between neighbours, too. */
function connectionHeaders({ connection = "" }: IncomingHttpHeaders): ReadonlySet<string> {
  return new Set(connection.split(",").map((name) => name.trim().toLowerCase()));
}
