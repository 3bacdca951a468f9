import { ServerResponse } from "node:http";
import http2 from "node:http2";
import { Code, ConnectError } from "@connectrpc/connect";
import { Http2SessionManager } from "@connectrpc/connect-node";
import { type HttpRequest, type HttpResponse, reasonOf } from "@portcullis/service";
import type { Logger } from "pino";
import type { Exchange } from "../edge/exchange.ts";
import type { Gate } from "../edge/gate.ts";
import type { ServiceUrls } from "../peers/clients.ts";
import { originHeaders, type Proofs, proofHeaders } from "../peers/passed-on.ts";
import { bearerOf } from "../rest/common/bearer.ts";
import type { ExposedMethod } from "./exposed-methods.ts";
import { requestHeaders, responseHeaders } from "./hop-headers.ts";
import { refuse, toConnectError, unavailable } from "./refuse.ts";

export interface RpcProxyOptions {
  readonly urls: ServiceUrls;
  readonly proofs: Proofs;
  readonly gate: Gate;
  /** An answer that is no stream is given up after this long, in milliseconds. */
  readonly callTimeoutMs: number;
  readonly log: Logger;
}

/** The services give up a little earlier, and say why. */
const patienceMs = 1_000;

/** Passes calls on to the services, in whatever protocol and encoding, with the caller's own credential. */
export function createRpcProxy({ urls, proofs, gate, callTimeoutMs, log }: RpcProxyOptions) {
  const ping = { pingIntervalMs: 10_000, pingTimeoutMs: 2_000 };
  const connections = {
    identity: new Http2SessionManager(urls.identity, ping),
    authorization: new Http2SessionManager(urls.authorization, ping),
    credential: new Http2SessionManager(urls.credential, ping),
  };
  return {
    /** Answers one call. Never fails. */
    async handle(method: ExposedMethod, exchange: Exchange, request: HttpRequest, response: HttpResponse) {
      exchange.route = method.path;
      const gone = new AbortController();
      response.once("close", () => gone.abort());
      try {
        const bearer = method.isForAnyone ? undefined : bearerOf(request.headers.authorization);
        await gate.pass(exchange, bearer, gone.signal);
        const passedOn = { ...originHeaders(exchange), ...(await proofHeaders(proofs[method.service])) };
        const stream = await open(connections[method.service], passedOn, request);
        const timeoutMs = method.isUnary ? callTimeoutMs + patienceMs : undefined;
        await join(request, response, stream, timeoutMs);
      } catch (error) {
        const known = toConnectError(error);
        exchange.code = reasonOf(known) ?? Code[known.code];
        if (known.code === Code.Internal || known.code === Code.Unavailable) {
          log.warn({ err: known.cause, operationId: exchange.operationId }, "a call could not be passed on");
        }
        if (!gone.signal.aborted) refuse(request, response, known);
      }
    },
    close() {
      for (const connection of Object.values(connections)) connection.abort();
    },
  };
}

async function open(
  connection: Http2SessionManager,
  passedOn: Readonly<Record<string, string>>,
  request: HttpRequest,
): Promise<http2.ClientHttp2Stream> {
  const headers = { ...requestHeaders(request.headers), te: "trailers", ...passedOn };
  try {
    return await connection.request(request.method ?? "POST", request.url ?? "/", headers, {});
  } catch (error) {
    throw unavailable(error);
  }
}

/** Resolves when both sides have ended; rejects if there is an error that can still be answered. */
function join(
  request: HttpRequest,
  response: HttpResponse,
  stream: http2.ClientHttp2Stream,
  timeoutMs: number | undefined,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer =
      timeoutMs === undefined
        ? undefined
        : setTimeout(
            () => fail(new ConnectError("the call took too long", Code.DeadlineExceeded)),
            timeoutMs,
          );
    const fail = (error: unknown) => {
      clearTimeout(timer);
      request.unpipe(stream);
      stream.close(http2.constants.NGHTTP2_CANCEL);
      if (response.headersSent) cut(response);
      reject(error instanceof ConnectError ? error : unavailable(error));
    };
    let trailers: ReturnType<typeof responseHeaders> = {};
    stream.on("response", ({ ":status": status = 502, ...headers }) => {
      clearTimeout(timer);
      response.writeHead(status, responseHeaders(headers));
      // A stream's first answer may be its header alone.
      if (timeoutMs === undefined && response instanceof ServerResponse) response.flushHeaders();
      stream.pipe(response, { end: false });
    });
    stream.on("trailers", (headers) => {
      trailers = responseHeaders(headers);
    });
    stream.on("end", () => {
      if (!response.headersSent) return; // closed without an answer
      if (Object.keys(trailers).length > 0) response.addTrailers(trailers);
      response.end();
    });
    stream.on("error", fail);
    stream.on("close", () => {
      clearTimeout(timer);
      if (!response.headersSent) fail(new Error("the service closed the call without an answer"));
      else if (!response.writableEnded) cut(response);
      resolve();
    });
    response.once("close", () => {
      if (!stream.closed) stream.close(http2.constants.NGHTTP2_CANCEL);
    });
    request.on("error", () => stream.close(http2.constants.NGHTTP2_CANCEL));
    request.pipe(stream);
  });
}

/** Ends an answer in the middle, so that nobody takes it for a whole one. */
function cut(response: HttpResponse): void {
  if ("stream" in response) response.stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR);
  else response.destroy();
}
