import type { HttpRequest, HttpResponse, PrincipalCaller } from "@portcullis/service";
import type { Logger } from "pino";
import { Histogram, type Registry } from "prom-client";
import { newKsuid } from "./ksuid.ts";

/** A request and what has become known of it, for the log, the metrics, and who answers it. */
export interface Exchange {
  /** `op_…`: in the answer's `x-request-id`, in errors, in our log and in those of the services. */
  readonly operationId: string;
  /** Where it comes from; undefined once the socket is gone. */
  readonly source: string | undefined;
  /** What the client calls itself; undefined if it doesn't. */
  readonly userAgent: string | undefined;
  /** The route that it met, as the table of routes has it; a path of the client's is no label of a metric. */
  route: string;
  caller?: PrincipalCaller;
  /** The error that it was answered with. */
  code?: string;
}

const pathLengthMax = 256;
/** More of it is not kept by anybody. (credential/v1/verification.proto) */
const userAgentLengthMax = 256;

/** Notes each request in the log and the metrics when it has ended, however it ended. */
export function createExchanges(
  log: Logger,
  registry: Registry,
  sourceOf: (request: HttpRequest) => string | undefined,
): (request: HttpRequest, response: HttpResponse) => Exchange {
  const duration = new Histogram({
    name: "portcullis_http_request_duration_seconds",
    help: "How long requests took, from their header to the end of the answer.",
    labelNames: ["route", "method", "status"],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 15],
    registers: [registry],
  });
  return (request, response) => {
    const startedAt = performance.now();
    const exchange: Exchange = {
      operationId: `op_${newKsuid(Date.now())}`,
      source: sourceOf(request),
      userAgent: request.headers["user-agent"]?.slice(0, userAgentLengthMax),
      route: "none",
    };
    response.setHeader("x-request-id", exchange.operationId);
    response.once("close", () => {
      const seconds = (performance.now() - startedAt) / 1000;
      const isAnswered = response.writableFinished;
      const status = isAnswered ? response.statusCode : "cut";
      duration.observe({ route: exchange.route, method: methodLabel(request.method), status }, seconds);
      if (!log.isLevelEnabled("info")) return;
      const { operationId, source, route, caller, code } = exchange;
      log.info(
        {
          operationId,
          method: request.method,
          path: withoutTokens(pathOf(request)).slice(0, pathLengthMax),
          route,
          status,
          ...(code === undefined ? {} : { code }),
          ms: Math.round(seconds * 100_000) / 100,
          ...(caller === undefined ? {} : { caller: caller.principalId, account: caller.accountId }),
          source,
        },
        "request",
      );
    });
    return exchange;
  };
}

/** Without the query, in which people put what they should not. */
export function pathOf({ url = "" }: Pick<HttpRequest, "url">): string {
  const end = url.indexOf("?");
  return end === -1 ? url : url.slice(0, end);
}

/** Some clients name a token by itself; what is cut off may be the whole of it. */
function withoutTokens(path: string): string {
  return path.replaceAll(/pc(?:ak|at|se)(?:_|%5f)[\w%]*/gi, "…");
}

const methods = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

function methodLabel(method = ""): string {
  return methods.has(method) ? method : "other";
}
