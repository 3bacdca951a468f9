import type { RedisConnection } from "@portcullis/redis";
import {
  createRemoteAuthenticator,
  observePeerMemories,
  openPeerVerifier,
  parseWorkloadKey,
  type RpcMetrics,
} from "@portcullis/service";
import type { GatewayConfig } from "../config.ts";
import { AtOnce } from "../limits/at-once.ts";
import type { OutageLog } from "../limits/outage-log.ts";
import { createRateLimiter } from "../limits/rate-limiter.ts";
import { createRedisWindows } from "../limits/redis-window.ts";
import { createGate, type Gate } from "./gate.ts";

export interface ConfiguredGate {
  readonly gate: Gate;
  close(): void;
}

/** The gate as it is configured: limits in Redis, proof by credential. To be closed with the server. */
export function createConfiguredGate(
  config: GatewayConfig,
  redis: Pick<RedisConnection, "client">,
  outage: OutageLog,
  metrics: RpcMetrics,
): ConfiguredGate {
  const windowMs = config.REQUESTS_WINDOW_MS;
  const credential = {
    peerName: "credential",
    ownName: "gateway",
    baseUrl: config.CREDENTIAL_URL,
    workloadKey: parseWorkloadKey(config.WORKLOAD_KEY),
    timeoutMs: config.CALL_TIMEOUT_MS,
  };
  const verifier = openPeerVerifier(credential, config.CALLER_MEMORY_ENTRIES_MAX);
  observePeerMemories(metrics, { credential: verifier });
  const shared = createRedisWindows(redis, windowMs);
  const gate = createGate({
    limiter: createRateLimiter({ shared, windowMs, nowMs: () => performance.now(), outage }),
    accountMax: config.ACCOUNT_REQUESTS_MAX,
    sourceMax: config.SOURCE_REQUESTS_MAX,
    accountAtOnce: new AtOnce(config.ACCOUNT_REQUESTS_AT_ONCE_MAX),
    allAtOnce: new AtOnce(config.REQUESTS_AT_ONCE_MAX),
    authenticator: createRemoteAuthenticator(verifier, credential),
  });
  return { gate, close: () => verifier.close() };
}
