import type { BlockList } from "node:net";
import { getRequestListener, RequestError } from "@hono/node-server";
import { Health } from "@portcullis/contracts/grpc/health/v1/health_pb.ts";
import {
  connectHandler,
  createHealthReporter,
  type HttpRequest,
  type HttpResponse,
  healthService,
  listen,
  type RpcMetrics,
  type RunningServer,
  type WorkloadKey,
  withRequestId,
} from "@portcullis/service";
import type { Hono } from "hono";
import type { Logger } from "pino";
import { createCors } from "./edge/cors.ts";
import { createExchanges, type Exchange, pathOf } from "./edge/exchange.ts";
import type { Gate } from "./edge/gate.ts";
import { prepareHttp1 } from "./edge/malformed.ts";
import { contains, createSourceReader } from "./edge/source-address.ts";
import { createClients, type ServiceUrls } from "./peers/clients.ts";
import { createProofs } from "./peers/passed-on.ts";
import type { BodyLimits } from "./rest/common/body.ts";
import type { RestEnv } from "./rest/common/rest-env.ts";
import { sendJson } from "./rest/common/send-json.ts";
import { createNgrokApp } from "./rest/ngrok/app.ts";
import { createWavefrontApp, isWavefrontPath } from "./rest/wavefront/app.ts";
import { exposedMethods } from "./rpc/exposed-methods.ts";
import { createRpcProxy } from "./rpc/proxy.ts";
import { createReceiptKeys, receiptKeysPath } from "./rpc/receipt-keys.ts";

export interface GatewayServerOptions {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  readonly urls: ServiceUrls;
  /** Proves to the services who passes calls on. */
  readonly workloadKey: WorkloadKey;
  /** What URIs in answers begin with. */
  readonly publicOrigin: string;
  readonly gate: Gate;
  readonly corsOrigins: readonly string[];
  readonly trustedProxies: BlockList;
  readonly metricsSources: BlockList;
  readonly bodyLimits: BodyLimits;
  readonly callTimeoutMs: number;
  readonly log: Logger;
  readonly metrics: RpcMetrics;
  readonly now: () => Date;
}

/** Serves REST, RPC, health and metrics on one port, until it is closed. */
export async function startGatewayServer(options: GatewayServerOptions): Promise<RunningServer> {
  const { host, port, urls, gate, callTimeoutMs, log, metrics } = options;
  const begin = createExchanges(log, metrics.registry, createSourceReader(options.trustedProxies));
  const cors = createCors(options.corsOrigins);
  const proofs = createProofs(options.workloadKey);
  const proxy = createRpcProxy({ urls, proofs, gate, callTimeoutMs, log });
  const receiptKeys = createReceiptKeys({ urls, proofs, gate, callTimeoutMs });
  const clients = createClients(urls, callTimeoutMs, proofs);
  const ngrok = createNgrokApp({ ...options, clients });
  const wavefront = createWavefrontApp({ ...options, clients });
  const rest = createRest((path) => (isWavefrontPath(path) ? wavefront : ngrok));
  const health = createHealthReporter([], () => Promise.resolve());
  let isStopping = false;

  const own: Readonly<
    Record<string, (request: HttpRequest, response: HttpResponse, exchange: Exchange) => void>
  > = {
    "/healthz": (_, response) =>
      sendJson(response, isStopping ? 503 : 200, { status: isStopping ? "stopping" : "ok" }),
    "/metrics": (request, response, exchange) => {
      const { source } = exchange;
      if (source === undefined || !contains(options.metricsSources, source)) {
        return void rest(request, response, { ...exchange, route: "none" });
      }
      void serveMetrics(metrics, response);
    },
  };
  const grpcHealth = connectHandler({
    routes: (router) => void router.service(Health, healthService(health)),
    fallback: (request, response) =>
      sendJson(response, 404, { status_code: 404, msg: "Not Found", details: {} }),
  });

  const answer = (exchange: Exchange, request: HttpRequest, response: HttpResponse) => {
    // Answers hold secrets, and things that change.
    response.setHeader("cache-control", "no-store");
    response.setHeader("x-content-type-options", "nosniff");
    if (cors(request, response)) {
      exchange.route = "preflight";
      return;
    }
    const path = pathOf(request);
    const method = exposedMethods.get(path);
    if (method !== undefined) return void proxy.handle(method, exchange, request, response);
    if (path === receiptKeysPath) return void receiptKeys(exchange, request, response);
    if (path.startsWith(`/${Health.typeName}/`)) {
      exchange.route = `/${Health.typeName}`;
      return grpcHealth(request, response);
    }
    const ownRoute = request.method === "GET" && Object.hasOwn(own, path) ? own[path] : undefined;
    if (ownRoute === undefined) return void rest(request, response, exchange);
    exchange.route = path;
    ownRoute(request, response, exchange);
  };
  const handle = (request: HttpRequest, response: HttpResponse) => {
    const exchange = begin(request, response);
    withRequestId(exchange.operationId, () => answer(exchange, request, response));
  };

  const listener = await listen({ host, port }, handle, ({ http1 }) => prepareHttp1(http1, log));
  return {
    port: listener.port,
    async close(graceMs) {
      isStopping = true;
      health.stopServing();
      await listener.close(graceMs);
      proxy.close();
    },
  };
}

/** Answers by the application of the product that the path is of. */
function createRest(appOf: (path: string) => Hono<RestEnv>) {
  const exchanges = new WeakMap<object, Exchange>();
  const listener = getRequestListener(
    (request, { incoming, outgoing }) => {
      const exchange = exchanges.get(incoming);
      if (exchange === undefined) throw new Error("a request that was not begun");
      return appOf(pathOf(incoming)).fetch(request, { incoming, outgoing, exchange });
    },
    {
      errorHandler(error) {
        // A host or a target that is none; answered below, where the exchange is known.
        if (!(error instanceof RequestError)) throw error;
      },
    },
  );
  return async (request: HttpRequest, response: HttpResponse, exchange: Exchange) => {
    exchanges.set(request, exchange);
    // The types of the two libraries differ in what a callback of `write` may be given, which none has.
    await listener(request, response as Parameters<typeof listener>[1]);
    if (response.headersSent || response.destroyed) return;
    const details = { operation_id: exchange.operationId };
    sendJson(response, 400, { status_code: 400, msg: "Bad Request", details });
  };
}

async function serveMetrics({ registry }: RpcMetrics, response: HttpResponse): Promise<void> {
  const text = await registry.metrics();
  response.writeHead(200, { "content-type": registry.contentType });
  response.end(text);
}
