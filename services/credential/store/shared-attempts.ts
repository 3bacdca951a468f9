import { createHash } from "node:crypto";
import type { RedisConnection } from "@portcullis/redis";

/** Opens the window with the first failure; also one that lost its expiry, which must not stay shut for ever. */
const script = `
local failures = redis.call("INCR", KEYS[1])
local remaining = redis.call("PTTL", KEYS[1])
if remaining < 0 then
  remaining = tonumber(ARGV[1])
  redis.call("PEXPIRE", KEYS[1], remaining)
end
return {failures, remaining}`;

const scriptSha = createHash("sha1").update(script).digest("hex");

/** Failures as all replicas together have counted them. */
export interface SharedAttempts {
  /** Counts one more and tells how many there are in the window, and how long it stays open. */
  count(key: string): Promise<{ readonly failures: number; readonly remainingMs: number }>;
}

/** Counts in Redis. */
export function createRedisAttempts(
  { client }: Pick<RedisConnection, "client">,
  windowMs: number,
): SharedAttempts {
  return {
    async count(key) {
      // Hashed: of bounded length, and Redis need not know who tried what.
      const name = `portcullis:attempts:${createHash("sha256").update(key).digest("base64url")}`;
      const reply = await client.evalsha(scriptSha, 1, name, windowMs).catch((error: unknown) => {
        if (!(error instanceof Error && error.message.startsWith("NOSCRIPT"))) throw error;
        return client.eval(script, 1, name, windowMs);
      });
      if (!Array.isArray(reply)) throw new Error("Redis gave no pair");
      const [failures, remainingMs] = reply.map(Number);
      if (failures === undefined || remainingMs === undefined) throw new Error("Redis gave no pair");
      return { failures, remainingMs };
    },
  };
}
