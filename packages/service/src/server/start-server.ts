import type { DescService } from "@bufbuild/protobuf";
import { type ConnectRouter, createContextValues } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { Health } from "@portcullis/contracts/grpc/health/v1/health_pb.ts";
import { ReceiptService } from "@portcullis/contracts/portcullis/common/v1/receipt_service_pb.ts";
import type { Logger } from "pino";
import { requireAccessDeclared } from "../access.ts";
import type { DataMethod } from "../data-plane/methods.ts";
import { Gate } from "../gate.ts";
import { errorInterceptor } from "../interceptors/errors.ts";
import { observeInterceptor } from "../interceptors/observe.ts";
import { callObserver } from "../interceptors/observe-call.ts";
import { securityInterceptor } from "../interceptors/secure.ts";
import { sourceAddressInterceptor } from "../interceptors/source-address.ts";
import { stoppingInterceptor } from "../interceptors/stopping.ts";
import { validateInterceptor } from "../interceptors/validate.ts";
import type { RpcMetrics } from "../metrics.ts";
import type { ReceiptPublicKey } from "../receipts/keys.ts";
import { receiptRoutes } from "../receipts/routes.ts";
import type { SecurityDeps } from "../security.ts";
import type { Tls } from "../tls.ts";
import { connectHandler } from "./connect-handler.ts";
import { createHealthReporter, healthService } from "./health.ts";
import { messageBytesMax } from "./limits.ts";
import { type HttpRequest, type HttpResponse, listen } from "./listener.ts";
import { peerAddressKey } from "./peer-address.ts";
import { serveReflection } from "./reflection.ts";
import { shortWay } from "./short-way/short-way.ts";

export interface ServerOptions {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** Absent: connections are not encrypted. */
  readonly tls?: Tls | undefined;
  /** The services that `routes` registers: for health, reflection, and the check that each method has an owner. */
  readonly services: readonly DescService[];
  readonly routes: (router: ConnectRouter) => void;
  /** The data plane's, if there are any: here too their usual calls are answered from bytes, as the routes would. */
  readonly dataMethods?: readonly DataMethod[] | undefined;
  readonly security: SecurityDeps;
  readonly log: Logger;
  readonly metrics: RpcMetrics;
  /** Of a service that issues receipts: its public keys are served as ReceiptService. */
  readonly receipts?: { readonly publicKeys: readonly ReceiptPublicKey[] };
  /** Rejects while the server can't do its work, e.g. because its database is away. */
  readonly probe: (signal: AbortSignal) => Promise<void>;
}

export interface RunningServer {
  /** The port that is listened on. */
  readonly port: number;
  /** Stops taking calls, answers those in flight, and resolves; after `graceMs` it cuts off what is left. */
  close(graceMs: number): Promise<void>;
}

/**
 * Serves gRPC, gRPC-Web and Connect, health, reflection and `GET /metrics` on one port, over HTTP/2 and
 * HTTP/1.1. Rejects with the system's error when the port can't be had.
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { receipts } = options;
  const services = receipts === undefined ? options.services : [...options.services, ReceiptService];
  requireAccessDeclared(services);
  const health = createHealthReporter(
    services.map(({ typeName }) => typeName),
    options.probe,
  );
  const stopping = new AbortController();
  const { security, log, metrics } = options;
  const gate = new Gate(security);
  const rpc = connectHandler({
    routes(router) {
      options.routes(router);
      if (receipts !== undefined) receiptRoutes(router, receipts.publicKeys);
    },
    interceptors: [
      observeInterceptor(log, metrics),
      errorInterceptor(log),
      stoppingInterceptor(stopping.signal),
      sourceAddressInterceptor(security),
      securityInterceptor(gate, security.callTimeoutMs),
      validateInterceptor(),
    ],
    contextValues: (request) => createContextValues().set(peerAddressKey, request.socket.remoteAddress),
    fallback: connectNodeAdapter({
      routes(router) {
        router.service(Health, healthService(health));
        serveReflection(router, [...services, Health]);
      },
      readMaxBytes: messageBytesMax,
      fallback: (request, response) => void serveMetrics(metrics, request, response),
    }),
  });
  const methods = (options.dataMethods ?? []).filter((one) => one.kind === "unary");
  const { callTimeoutMs } = security;
  const observe = callObserver(log, metrics);
  const handler = shortWay({ methods, gate, callTimeoutMs, log, observe, longWay: rpc });
  const listener = await listen(options, handler);
  return {
    port: listener.port,
    close(graceMs) {
      health.stopServing();
      stopping.abort();
      return listener.close(graceMs);
    },
  };
}

async function serveMetrics(
  metrics: RpcMetrics,
  request: HttpRequest,
  response: HttpResponse,
): Promise<void> {
  if (request.method !== "GET" || request.url !== "/metrics") {
    response.writeHead(404);
    response.end();
    return;
  }
  const text = await metrics.registry.metrics();
  response.writeHead(200, { "content-type": metrics.registry.contentType });
  response.end(text);
}
