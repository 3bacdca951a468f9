import { execFile } from "node:child_process";
import { stat } from "node:fs/promises";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { EmbeddedPostgresError } from "./embedded-postgres-error.ts";

/** The user `nobody` of most systems; it needs no entry in the password file. */
const nobody = 65_534;

/** Who runs Postgres, which refuses to run as root. */
export interface ServerUser {
  /** For `spawn`; empty when it is the current user. */
  readonly ids: { readonly uid: number; readonly gid: number } | Record<string, never>;
  /** Comes before the command and its arguments. */
  readonly prefix: readonly string[];
  /** Who must own the server's files, if we are root and so can give them away. */
  readonly owner: number | undefined;
}

/**
 * The current user; for root, `nobody` if that user can reach the paths, else root itself seen as `nobody`
 * from within a user namespace (a checkout in a home folder closed to others, say).
 */
export async function chooseServerUser(files: readonly string[]): Promise<ServerUser> {
  if (process.getuid?.() !== 0) return { ids: {}, prefix: [], owner: undefined };
  const reachable = await Promise.all(files.map((file) => isReachable(file)));
  if (reachable.every(Boolean)) return { ids: { uid: nobody, gid: nobody }, prefix: [], owner: nobody };
  const prefix = ["unshare", "--user", `--map-user=${nobody}`, `--map-group=${nobody}`, "--"];
  await requireNamespaces(prefix, files[reachable.indexOf(false)] ?? "");
  return { ids: {}, prefix, owner: 0 };
}

/** Whether `nobody` may pass all folders above the file. */
async function isReachable(file: string): Promise<boolean> {
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    const { mode, uid, gid } = await stat(folder);
    const shift = uid === nobody ? 6 : gid === nobody ? 3 : 0;
    if (((mode >> shift) & 1) === 0) return false;
    if (folder === dirname(folder)) return true;
  }
}

async function requireNamespaces([command = "", ...args]: readonly string[], file: string): Promise<void> {
  try {
    await promisify(execFile)(command, [...args, "true"], { cwd: "/" });
  } catch (error) {
    throw new EmbeddedPostgresError(
      "folder_not_reachable",
      `Postgres doesn't run as root, and no other user can reach ${file}. Start as another user, or move the folder out of a home that is closed to others.`,
      error,
    );
  }
}
