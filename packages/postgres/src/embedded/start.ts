import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { resolve } from "node:path";
import type { Exit, Tethered } from "@portcullis/tether";
import { findBinaries } from "./binaries.ts";
import { type DataFolder, openDataFolder } from "./data-folder.ts";
import { EmbeddedPostgresError } from "./embedded-postgres-error.ts";
import { initialize, superuser } from "./initialize.ts";
import { ensurePassword } from "./passwords.ts";
import { stopPreviousServer } from "./previous-server.ts";
import { startServer } from "./server.ts";
import { chooseServerUser } from "./server-user.ts";
import { ensureServiceDatabase, requireDatabaseName } from "./service-database.ts";

export interface EmbeddedPostgresOptions {
  /** Made if missing. Holds the database, the passwords and the log. */
  readonly dataDir: string;
  /** On 127.0.0.1. Default: any free port. */
  readonly port?: number;
  /** Default true. False makes it faster, and a crash of the machine may lose the data: for tests. */
  readonly fsync?: boolean;
  /** Default 100. */
  readonly connectionsMax?: number;
  /** Postgres' log is added to this file. Default: postgres.log in the data folder. */
  readonly log?: string;
}

export interface EmbeddedPostgres {
  readonly pid: number;
  readonly port: number;
  /** For the superuser, default database `postgres`. Carries the password. */
  url(database?: string): string;
  /**
   * The URL of a database of this name, owned by a role of its own that no other role but the superuser
   * shares. Made where missing, with a password kept in the data folder.
   */
  ensureDatabase(name: string): Promise<string>;
  /** Ends the sessions and resolves when the server has ended. May be repeated. */
  stop(): Promise<Exit>;
  /** Resolves when the server has ended, by `stop` or by itself. */
  readonly exited: Promise<Exit>;
}

/**
 * Starts the Postgres that npm brought, and resolves when it answers. It ends with this process in any case.
 * A server left on the folder by an earlier start is stopped first, whoever runs it. Fails with
 * EmbeddedPostgresError.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const binaries = await findBinaries();
  const folder = await openDataFolder(options.dataDir);
  const user = await chooseServerUser([binaries.postgres, folder.pgdata]);
  const fsync = options.fsync ?? true;
  await stopPreviousServer(folder.pgdata);
  const password = await initialize(binaries, folder, user, fsync);
  const log = options.log === undefined ? folder.log : resolve(options.log);
  const connectionsMax = options.connectionsMax ?? 100;
  for (let attempt = 1; ; attempt++) {
    const port = options.port ?? (await freePort());
    const url = urlOf(superuser, password, port, "postgres");
    try {
      const server = await startServer({
        binaries,
        user,
        pgdata: folder.pgdata,
        port,
        log,
        fsync,
        connectionsMax,
        url,
      });
      return embeddedPostgres(server, folder, password, port);
    } catch (error) {
      // Somebody took the free port before us.
      const retry = options.port === undefined && attempt < 5;
      if (!(retry && error instanceof EmbeddedPostgresError && error.code === "port_in_use")) throw error;
    }
  }
}

function embeddedPostgres(
  server: Tethered,
  folder: DataFolder,
  password: string,
  port: number,
): EmbeddedPostgres {
  const url = (database = "postgres") => urlOf(superuser, password, port, database);
  return {
    pid: server.pid,
    port,
    url,
    exited: server.exited,
    async ensureDatabase(name) {
      requireDatabaseName(name);
      const rolePassword = await ensurePassword(folder.rolePassword(name));
      await ensureServiceDatabase(url(), name, rolePassword);
      return urlOf(name, rolePassword, port, name);
    },
    async stop() {
      // Immediate shutdown, for when the fast one hangs: nothing committed is lost, the next start replays.
      const timer = setTimeout(() => server.kill("SIGQUIT"), 10_000);
      try {
        return await server.stop(15_000);
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

function urlOf(user: string, password: string, port: number, database: string): string {
  return `postgres://${user}:${password}@127.0.0.1:${port}/${database}`;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
