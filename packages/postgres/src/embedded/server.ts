import { stat, truncate } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { startTethered, type Tethered } from "@portcullis/tether";
import { Client } from "pg";
import { codeOf } from "../failure.ts";
import type { Binaries } from "./binaries.ts";
import { EmbeddedPostgresError } from "./embedded-postgres-error.ts";
import { serverEnvironment } from "./initialize.ts";
import type { ServerUser } from "./server-user.ts";
import { orphansPattern, readLogFrom, startFailure } from "./start-failure.ts";

export interface ServerOptions {
  readonly binaries: Binaries;
  readonly user: ServerUser;
  readonly pgdata: string;
  readonly port: number;
  readonly log: string;
  readonly fsync: boolean;
  readonly connectionsMax: number;
  /** Of the superuser, in the database `postgres`. */
  readonly url: string;
}

const logBytesMax = 10_000_000;
const orphansWaitMs = 10_000;
/** Generous: after a crash Postgres replays its log first. */
const readyWaitMs = 120_000;

/** Starts Postgres on initialized files and resolves when it answers. */
export async function startServer(options: ServerOptions): Promise<Tethered> {
  await cutLog(options.log);
  for (const end = Date.now() + orphansWaitMs; ; await delay(100)) {
    const offset = await sizeOf(options.log);
    const server = await launch(options);
    if (await isReady(server, options)) return server;
    const said = await readLogFrom(options.log, offset);
    if (!orphansPattern.test(said) || Date.now() > end) throw startFailure(said, options.pgdata);
  }
}

function launch({
  binaries,
  user,
  pgdata,
  port,
  log,
  fsync,
  connectionsMax,
}: ServerOptions): Promise<Tethered> {
  const settings = {
    listen_addresses: "127.0.0.1",
    port,
    unix_socket_directories: "",
    max_connections: connectionsMax,
    shared_buffers: "32MB",
    max_wal_size: "256MB",
    jit: "off",
    timezone: "UTC",
    log_line_prefix: "%m [%p] %q%a ",
    ...(fsync ? {} : { fsync: "off", synchronous_commit: "off", full_page_writes: "off" }),
  };
  const [command = "", ...args] = [
    ...user.prefix,
    binaries.postgres,
    "-D",
    pgdata,
    ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
  ];
  return startTethered({
    command,
    args,
    ...user.ids,
    cwd: "/",
    env: serverEnvironment,
    // Postgres' fast shutdown: ends the sessions, loses nothing.
    signal: "SIGINT",
    graceSeconds: 30,
    stdout: { appendTo: log },
    stderr: { appendTo: log },
  });
}

/** False when it ended instead. */
async function isReady(server: Tethered, { url, pgdata }: ServerOptions): Promise<boolean> {
  for (
    const end = Date.now() + readyWaitMs;
    server.isRunning();
    await Promise.race([server.exited, delay(20)])
  ) {
    try {
      await connectTo(url, pgdata);
      return true;
    } catch (error) {
      if (["ECONNREFUSED", "ECONNRESET", "57P03"].includes(codeOf(error)) && Date.now() < end) continue;
      // Somebody else may have answered, on a port that ours then fails to get.
      await Promise.race([server.exited, delay(2_000)]);
      if (!server.isRunning()) return false;
      await server.stop(5_000);
      throw connectFailure(error, pgdata);
    }
  }
  return false;
}

/** Makes sure that it is our server which listens there. */
async function connectTo(url: string, pgdata: string): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on("error", () => {});
  try {
    await client.connect();
    const { rows } = await client.query<{ data_directory: string }>("show data_directory");
    if (rows[0]?.data_directory !== pgdata) throw portTaken();
  } finally {
    await client.end();
  }
}

function connectFailure(error: unknown, pgdata: string): Error {
  if (error instanceof EmbeddedPostgresError) return error;
  if (codeOf(error) !== "28P01") {
    return new EmbeddedPostgresError(
      "start_failed",
      `Postgres started on ${pgdata} but doesn't answer. See its log.`,
      error,
    );
  }
  const message = `The superuser's password file beside ${pgdata} doesn't belong to that folder. Put the right one back, or delete the folder to start with an empty database.`;
  return new EmbeddedPostgresError("broken_data_folder", message, error);
}

function portTaken(): EmbeddedPostgresError {
  const message = "Another Postgres uses the port. Stop it, or choose another port.";
  return new EmbeddedPostgresError("port_in_use", message);
}

async function sizeOf(file: string): Promise<number> {
  return await stat(file).then(
    ({ size }) => size,
    () => 0,
  );
}

async function cutLog(file: string): Promise<void> {
  if ((await sizeOf(file)) > logBytesMax) await truncate(file);
}
