import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findNativeServer } from "../embedded/find-server.ts";
import { startEmbeddedRedis } from "../embedded/index.ts";

export interface TestRedis {
  readonly url: string;
  readonly pid: number;
  /** Kills it with its data, and removes its folder. */
  stop(): Promise<void>;
}

/** What a skipped test should say. */
export const noRedisServer = "needs a real Redis: apt-get install redis-server";

/**
 * A real Redis server of one's own. Where none is installed: an error in CI, and undefined elsewhere, so
 * that the test can skip: `if (redis === undefined) return context.skip(noRedisServer)`.
 */
export async function startTestRedis(): Promise<TestRedis | undefined> {
  if ((await findNativeServer(process.env["PATH"] ?? "")) === undefined) {
    if (process.env["CI"]) throw new Error(`This test ${noRedisServer}`);
    return undefined;
  }
  const dir = await mkdtemp(join(tmpdir(), "portcullis-test-redis-"));
  const redis = await startEmbeddedRedis({ dir });
  return {
    url: redis.url,
    pid: redis.pid,
    async stop() {
      await redis.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
