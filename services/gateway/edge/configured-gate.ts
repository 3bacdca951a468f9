import { VerificationService } from "@portcullis/contracts/portcullis/credential/v1/verification_pb.ts";
import type { RedisConnection } from "@portcullis/redis";
import { createPeerClient, createRemoteAuthenticator, parseWorkloadKey } from "@portcullis/service";
import type { GatewayConfig } from "../config.ts";
import { AtOnce } from "../limits/at-once.ts";
import type { OutageLog } from "../limits/outage-log.ts";
import { createRateLimiter } from "../limits/rate-limiter.ts";
import { createRedisWindows } from "../limits/redis-window.ts";
import { createGate, type Gate } from "./gate.ts";

/** The gate as it is configured: limits in Redis, proof by credential. */
export function createConfiguredGate(
  config: GatewayConfig,
  redis: Pick<RedisConnection, "client">,
  outage: OutageLog,
): Gate {
  const windowMs = config.REQUESTS_WINDOW_MS;
  const verification = createPeerClient(VerificationService, {
    peerName: "credential",
    ownName: "gateway",
    baseUrl: config.CREDENTIAL_URL,
    workloadKey: parseWorkloadKey(config.WORKLOAD_KEY),
    timeoutMs: config.CALL_TIMEOUT_MS,
  });
  const shared = createRedisWindows(redis, windowMs);
  return createGate({
    limiter: createRateLimiter({ shared, windowMs, nowMs: () => performance.now(), outage }),
    accountMax: config.ACCOUNT_REQUESTS_MAX,
    sourceMax: config.SOURCE_REQUESTS_MAX,
    accountAtOnce: new AtOnce(config.ACCOUNT_REQUESTS_AT_ONCE_MAX),
    allAtOnce: new AtOnce(config.REQUESTS_AT_ONCE_MAX),
    authenticator: createRemoteAuthenticator(verification),
  });
}
