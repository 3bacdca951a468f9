import { closeSync, openSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { LauncherError } from "./launcher-error.ts";

export interface Lock {
  release(): void;
}

/** SQLite's result codes for a lock that another process holds. */
const busy = new Set([5, 6]);

/**
 * Holds the file for this process alone, or returns undefined when another process holds it. Node can't lock
 * files by itself; SQLite can, and the system takes its locks back however the process ends.
 */
export function tryLock(file: string): Lock | undefined {
  let database: DatabaseSync | undefined;
  try {
    // Whoever may open the file may hold it.
    closeSync(openSync(file, "a", 0o600));
    database = new DatabaseSync(file, { timeout: 0 });
    // No journal file: nothing is ever written.
    database.exec("pragma journal_mode = memory; begin exclusive");
    const held = database;
    return { release: () => held.close() };
  } catch (error) {
    database?.close();
    if (error instanceof Error && "errcode" in error && busy.has(Number(error.errcode))) return undefined;
    throw new LauncherError(
      `The lock file ${file} can't be used. Check that the folder may be written to and that it is not on a file system without locks.`,
      { cause: error },
    );
  }
}
