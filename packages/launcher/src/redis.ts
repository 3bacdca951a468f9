import { join } from "node:path";
import { openRedis } from "@portcullis/redis";
import { EmbeddedRedisError, startEmbeddedRedis } from "@portcullis/redis/embedded";
import { LauncherError } from "./launcher-error.ts";
import { beginLog } from "./log-lines.ts";
import { paths } from "./paths.ts";
import type { Child, Supervisor } from "./supervisor.ts";

export interface Redis {
  /** May carry a password. */
  readonly url: string;
  /** For people: what kind it is. */
  readonly kind: string;
}

const reachWaitMs = 5_000;

/** The Redis that REDIS_URL names, else one of our own. */
export async function provideRedis(
  supervisor: Supervisor,
  root: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Redis> {
  const url = environment["REDIS_URL"] ?? "";
  if (url !== "") return await reachRedis(url);
  return await supervisor.start("redis", () => startRedis(root));
}

async function reachRedis(url: string): Promise<Redis> {
  if (!/^rediss?:\/\//.test(url) || !URL.canParse(url)) {
    throw new LauncherError(
      "REDIS_URL is no redis:// or rediss:// URL. Correct it, or unset it for a Redis of our own.",
    );
  }
  const { hostname, port } = new URL(url);
  const where = `${hostname}:${port || 6379}`;
  let outage: Error | undefined;
  const connection = openRedis({ url }, { onError: (error) => (outage = error) });
  try {
    await connection.ready(AbortSignal.timeout(reachWaitMs));
  } catch (error) {
    throw new LauncherError(
      `The Redis that REDIS_URL names, ${where}, doesn't answer (${outage?.message ?? "no answer"}). Start it, or unset REDIS_URL for a Redis of our own.`,
      { cause: error },
    );
  } finally {
    await connection.close();
  }
  return { url, kind: `yours, at ${where}` };
}

async function startRedis(root: string): Promise<Redis & Child> {
  const log = await beginLog(join(paths.redis(root), "redis.log"));
  const server = await startEmbeddedRedis({ dir: paths.redis(root) }).catch((error: unknown) => {
    throw error instanceof EmbeddedRedisError ? new LauncherError(error.message, { cause: error }) : error;
  });
  const note =
    server.kind === "js-redis-server" ? " (development only; install redis-server or set REDIS_URL)" : "";
  return {
    name: "redis",
    url: server.url,
    kind: `${server.kind}${note}`,
    pid: server.pid,
    log,
    exited: server.exited,
    stop: () => server.stop(),
    kill: () => kill(server.pid),
  };
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL"); // It keeps nothing.
  } catch {
    // It has just ended.
  }
}
