import { createHash } from "node:crypto";
import type { RedisConnection } from "@portcullis/redis";
import { type Admission, retryAfterMs } from "./sliding-window.ts";

/** As SlidingWindows, by the clock of Redis. Answers what it has decided, and what it rests on. */
const script = `
local window, max = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call("TIME")
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local startsAt = now - now % window
local counts = redis.call("HMGET", KEYS[1], "startsAt", "current", "previous")
local current, previous = 0, 0
if tonumber(counts[1]) == startsAt then
  current, previous = tonumber(counts[2]), tonumber(counts[3])
elseif tonumber(counts[1]) == startsAt - window then
  previous = tonumber(counts[2])
end
local elapsed = now - startsAt
local admitted = current + previous * (window - elapsed) / window + 1 <= max
if not admitted then return {0, current, previous, elapsed} end
redis.call("HSET", KEYS[1], "startsAt", startsAt, "current", current + 1, "previous", previous)
redis.call("PEXPIRE", KEYS[1], 2 * window)
return {1, current, previous, elapsed}`;

const scriptSha = createHash("sha1").update(script).digest("hex");

/** Counts that all replicas share. */
export interface SharedWindows {
  /** As SlidingWindows; fails when Redis is away. */
  admit(key: string, max: number): Promise<Admission>;
}

/** Counts in Redis. */
export function createRedisWindows(
  { client }: Pick<RedisConnection, "client">,
  windowMs: number,
): SharedWindows {
  return {
    async admit(key, max) {
      // Hashed: of bounded length, and Redis need not know from where somebody came.
      const name = `portcullis:requests:${createHash("sha256").update(`${windowMs} ${key}`).digest("base64url")}`;
      const reply = await client.evalsha(scriptSha, 1, name, windowMs, max).catch((error: unknown) => {
        if (!(error instanceof Error && error.message.startsWith("NOSCRIPT"))) throw error;
        return client.eval(script, 1, name, windowMs, max);
      });
      if (!Array.isArray(reply) || reply.length !== 4) throw new Error("Redis gave no four numbers");
      const [admitted = 0, current = 0, previous = 0, elapsedMs = 0] = reply.map(Number);
      if (admitted === 1) return { admitted: true };
      return { admitted: false, retryAfterMs: retryAfterMs(current, previous, elapsedMs, max, windowMs) };
    },
  };
}
