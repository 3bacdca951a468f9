import { open } from "node:fs/promises";
import { EmbeddedPostgresError, type EmbeddedPostgresErrorCode } from "./embedded-postgres-error.ts";

/** An earlier server was killed and its children are not all gone yet; it passes. */
export const orphansPattern = /pre-existing shared memory block/;

const causes: readonly (readonly [RegExp, EmbeddedPostgresErrorCode, string])[] = [
  [
    /Address already in use/,
    "port_in_use",
    "Another program uses the port. Stop it, or choose another port.",
  ],
  [
    /No space left on device|Disk quota exceeded/,
    "disk_full",
    "The disk is full. Free some space, then start again.",
  ],
  [
    /Permission denied/,
    "folder_not_writable",
    "Postgres may not use its files. Give them back to the user who made them.",
  ],
  [
    /lock file "postmaster.pid" already exists/,
    "already_running",
    "Another Postgres runs on this folder. Stop it, then start again.",
  ],
  [
    /not a valid data directory|incompatible with server|could not locate a valid checkpoint|invalid checkpoint|could not open (file|directory) "(global|pg_|base)|could not find the database system|configuration file ".*" (does not exist|contains errors)/,
    "broken_data_folder",
    "The data folder is damaged, or of another version of Postgres. Restore it from a backup, or delete it to start with an empty database.",
  ],
];

/** Reads what Postgres said when it didn't start, and turns it into an error that says what to do. */
export function startFailure(said: string, pgdata: string): EmbeddedPostgresError {
  const [, code, advice] =
    causes.find(([pattern]) => pattern.test(said)) ?? (["", "start_failed", "See its log."] as const);
  return new EmbeddedPostgresError(code, `Postgres didn't start on ${pgdata}. ${advice}\n${said.trimEnd()}`);
}

/** The end of the log from this offset on, at most 4 KB of it. */
export async function readLogFrom(file: string, offset: number): Promise<string> {
  const handle = await open(file, "r");
  try {
    const { size } = await handle.stat();
    const start = Math.max(offset, size - 4_096);
    const { buffer, bytesRead } = await handle.read({
      buffer: Buffer.alloc(Math.max(0, size - start)),
      position: start,
    });
    return buffer.toString("utf8", 0, bytesRead);
  } finally {
    await handle.close();
  }
}
