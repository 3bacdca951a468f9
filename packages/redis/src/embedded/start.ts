import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { chmod, mkdir, rm } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Exit, Tethered } from "@portcullis/tether";
import { Redis } from "ioredis";
import { findNativeServer, type NativeKind, type NativeServer } from "./find-server.ts";
import { startJsServer } from "./js-server.ts";
import { type ServerSettings, startNativeServer } from "./native-server.ts";

export interface EmbeddedRedisOptions {
  /** Made if missing; for the configuration and the log. */
  readonly dir: string;
  /** On 127.0.0.1. Default: any free port. */
  readonly port?: number;
  /** Default: a new one for each start. */
  readonly password?: string;
  /** Where servers are looked for. Default: our PATH; empty for js-redis-server. */
  readonly path?: string;
}

export interface EmbeddedRedis {
  /** Carries the generated password. */
  readonly url: string;
  readonly kind: NativeKind | "js-redis-server";
  /** For people: what is limited about this server. */
  readonly notes: readonly string[];
  readonly pid: number;
  /** Resolves when the server has ended. May be repeated. */
  stop(): Promise<Exit>;
  readonly exited: Promise<Exit>;
}

/** Why it didn't start; the message says what to do next. */
export class EmbeddedRedisError extends Error {
  override readonly name = "EmbeddedRedisError";
  readonly code: "folder_not_writable" | "start_failed";

  constructor(code: EmbeddedRedisError["code"], message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}

/**
 * Starts a private Redis without persistence and resolves when it answers: `redis-server`, else
 * `valkey-server`, else js-redis-server. It ends with this process in any case.
 */
export async function startEmbeddedRedis(options: EmbeddedRedisOptions): Promise<EmbeddedRedis> {
  const dir = await openFolder(options.dir);
  const native = await findNativeServer(options.path ?? process.env["PATH"] ?? "");
  for (let attempt = 1; ; attempt++) {
    const port = options.port ?? (await freePort());
    const password = options.password ?? randomBytes(24).toString("base64url");
    const settings = { dir, port, password, log: join(dir, "redis.log") };
    const server = await (native === undefined
      ? startJsServer(settings)
      : startNativeServer(native, settings));
    const url = `redis://:${password}@127.0.0.1:${port}`;
    if (await isReady(server, url)) return embeddedRedis(server, url, native);
    await server.stop(2_000);
    // Somebody may have taken the free port before us.
    if (options.port !== undefined || attempt === 5) throw startFailed(settings, options.port);
  }
}

function embeddedRedis(server: Tethered, url: string, native: NativeServer | undefined): EmbeddedRedis {
  const notes =
    native === undefined
      ? ["js-redis-server stands in for Redis, for development only. Install redis-server, or set REDIS_URL."]
      : [];
  return {
    url,
    kind: native?.kind ?? "js-redis-server",
    notes: ["It keeps nothing on disk.", ...notes],
    pid: server.pid,
    exited: server.exited,
    stop: () => server.stop(5_000),
  };
}

async function openFolder(path: string): Promise<string> {
  const dir = resolve(path);
  try {
    await mkdir(dir, { recursive: true });
    await chmod(dir, 0o700);
    // Else a file of before keeps its mode.
    await Promise.all(["redis.conf", "js-redis.json"].map((name) => rm(join(dir, name), { force: true })));
    return dir;
  } catch (error) {
    const message = `The folder ${dir} can't be written. Name a folder that you may write to.`;
    throw new EmbeddedRedisError("folder_not_writable", message, error);
  }
}

/** False when the server ended, or isn't the one that answers there. */
async function isReady(server: Tethered, url: string): Promise<boolean> {
  for (
    const end = Date.now() + 10_000;
    server.isRunning() && Date.now() < end;
    await Promise.race([server.exited, delay(20)])
  ) {
    const client = new Redis(url, {
      lazyConnect: true,
      retryStrategy: null,
      commandTimeout: 2_000,
      connectTimeout: 2_000,
    });
    client.on("error", () => {});
    try {
      await client.connect();
      // With the password of this start, so this server and no other.
      if ((await client.ping()) === "PONG") return true;
    } catch {
      // Not yet.
    } finally {
      client.disconnect();
    }
  }
  return false;
}

function startFailed({ log, port }: ServerSettings, asked: number | undefined): EmbeddedRedisError {
  const advice =
    asked === undefined ? "" : ` Check that no other program uses port ${port}, or choose another.`;
  return new EmbeddedRedisError("start_failed", `Redis didn't start.${advice} Its log is ${log}.`);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
