import type { Interceptor, Transport } from "@connectrpc/connect";
import { createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";
import type { Address, TlsOptions } from "../transport/address.ts";
import { type Bearer, tokenOf } from "../transport/bearer.ts";

export interface TransportOptions {
  readonly bearer: Bearer;
  /** Of a call without a deadline of its own, in milliseconds. */
  readonly timeoutMs: number;
}

/** gRPC to one replica. */
export interface ReplicaTransport extends Transport {
  close(): void;
}

export function openTransport(
  address: Address,
  tls: TlsOptions | undefined,
  { bearer, timeoutMs }: TransportOptions,
): ReplicaTransport {
  const baseUrl = `${address.isTls ? "https" : "http"}://${address.target}`;
  const nodeOptions = address.isTls
    ? { servername: address.host, ca: tls?.ca, cert: tls?.certificate, key: tls?.key }
    : undefined;
  const sessionManager = new Http2SessionManager(
    baseUrl,
    { pingIntervalMs: 10_000, pingTimeoutMs: 2_000, idleConnectionTimeoutMs: 15 * 60_000 },
    nodeOptions,
  );
  const authenticate: Interceptor = (next) => async (request) => {
    request.header.set("authorization", `Bearer ${await tokenOf(bearer)}`);
    return next(request);
  };
  const transport = createGrpcTransport({
    baseUrl,
    sessionManager,
    defaultTimeoutMs: timeoutMs,
    interceptors: [authenticate],
  });
  return {
    unary: (...call) => transport.unary(...call),
    stream: (...call) => transport.stream(...call),
    close: () => sessionManager.abort(),
  };
}
