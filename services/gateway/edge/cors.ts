import { cors as connectCors } from "@connectrpc/connect";
import type { HttpRequest, HttpResponse } from "@portcullis/service";

/** How long a browser may remember what it was allowed, in seconds. */
const maxAgeSeconds = 600;
const headerNames = /^[\w-]+(?:\s*,\s*[\w-]+)*$/;
const exposedHeaders = [...connectCors.exposedHeaders, "x-request-id", "retry-after"].join(", ");

/**
 * Lets pages of the configured origins call this server. Answers a preflight itself, and tells so by true; of other
 * origins it says nothing, so that browsers refuse.
 */
export function createCors(
  origins: readonly string[],
): (request: HttpRequest, response: HttpResponse) => boolean {
  const known = new Set(origins);
  return (request, response) => {
    const { origin, "access-control-request-headers": requested } = request.headers;
    if (origin === undefined || known.size === 0) return false;
    response.setHeader("vary", "origin");
    if (!known.has(origin) && !known.has("*")) return false;
    response.setHeader("access-control-allow-origin", origin);
    response.setHeader("access-control-allow-credentials", "true");
    if (request.method !== "OPTIONS" || request.headers["access-control-request-method"] === undefined) {
      response.setHeader("access-control-expose-headers", exposedHeaders);
      return false;
    }
    response.setHeader("access-control-allow-methods", "GET, POST, PUT, PATCH, DELETE");
    if (typeof requested === "string" && headerNames.test(requested)) {
      response.setHeader("access-control-allow-headers", requested);
    }
    response.setHeader("access-control-max-age", String(maxAgeSeconds));
    response.writeHead(204);
    response.end();
    return true;
  };
}
