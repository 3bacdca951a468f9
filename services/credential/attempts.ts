import { openRedis, type RedisConnection } from "@portcullis/redis";
import { redisTargetOf, type ServerOptions } from "@portcullis/service";
import type { CredentialConfig } from "./config.ts";
import type { AttemptLimiter } from "./domain/ports.ts";
import { createAttemptLimiter, windowMs } from "./store/attempt-limiter.ts";
import { createOutageLog } from "./store/outage-log.ts";
import { createRedisAttempts } from "./store/shared-attempts.ts";

export interface SharedAttempts {
  readonly redis: RedisConnection;
  readonly attempts: AttemptLimiter;
  close(): Promise<void>;
}

/** Counts failed attempts together with the other replicas, and alone while Redis is away. */
export function openAttempts(config: CredentialConfig, log: ServerOptions["log"]): SharedAttempts {
  const outage = createOutageLog(log);
  const redis = openRedis(redisTargetOf(config), {
    onError: outage.failed,
    onRecovery: outage.worked,
    commandTimeoutMs: 500,
  });
  const shared = createRedisAttempts(redis, windowMs);
  const attempts = createAttemptLimiter({ shared, nowMs: () => performance.now(), outage });
  return {
    redis,
    attempts,
    async close() {
      await attempts.close();
      await redis.close();
    },
  };
}
