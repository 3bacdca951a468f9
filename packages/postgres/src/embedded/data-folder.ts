import { access, chmod, lstat, mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { EmbeddedPostgresError } from "./embedded-postgres-error.ts";

/** What stands in the folder the caller named. Postgres' own files have a folder within, so passwords stay ours. */
export interface DataFolder {
  readonly root: string;
  readonly pgdata: string;
  readonly superuserPassword: string;
  readonly log: string;
  rolePassword(role: string): string;
}

const stagingPrefix = ".initdb-";

/** Makes the folder where missing and clears what an interrupted initdb left. */
export async function openDataFolder(path: string): Promise<DataFolder> {
  const root = resolve(path);
  try {
    await mkdir(join(root, "roles"), { recursive: true, mode: 0o700 });
    // Postgres may run as another user, who must pass through. The files in it are closed all the same.
    if (process.getuid?.() === 0) await chmod(root, 0o711);
    const probe = join(root, ".writable");
    await writeFile(probe, "");
    await rm(probe);
    for (const name of await readdir(root)) {
      if (name.startsWith(stagingPrefix)) await rm(join(root, name), { recursive: true, force: true });
    }
  } catch (error) {
    throw folderError(root, error);
  }
  return {
    root,
    pgdata: join(root, "pgdata"),
    superuserPassword: join(root, "superuser-password"),
    log: join(root, "postgres.log"),
    rolePassword: (role) => join(root, "roles", `${role}-password`),
  };
}

/** A folder for initdb to work in. What it makes counts from the moment it is renamed. */
export async function openStaging(folder: DataFolder): Promise<string> {
  const staging = join(folder.root, `${stagingPrefix}${process.pid}-${Date.now()}`);
  await mkdir(staging, { mode: 0o700 });
  return staging;
}

export async function adopt(staged: string, folder: DataFolder): Promise<void> {
  await rename(staged, folder.pgdata);
  await rm(dirname(staged), { recursive: true, force: true });
}

export async function isInitialized(folder: DataFolder): Promise<boolean> {
  return await access(folder.pgdata).then(
    () => true,
    () => false,
  );
}

/** The user that Postgres' files belong to. */
export async function ownerOf(folder: DataFolder): Promise<number> {
  return (await lstat(folder.pgdata)).uid;
}

function folderError(root: string, cause: unknown): EmbeddedPostgresError {
  const code = (cause as NodeJS.ErrnoException).code ?? "";
  return code === "ENOSPC" || code === "EDQUOT"
    ? new EmbeddedPostgresError(
        "disk_full",
        `The disk that holds ${root} is full. Free some space, then start again.`,
        cause,
      )
    : new EmbeddedPostgresError(
        "folder_not_writable",
        `The data folder ${root} can't be written (${code}). Name a folder that you may write to, or change its owner.`,
        cause,
      );
}
