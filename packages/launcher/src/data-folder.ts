import { chmod, mkdir, readdir, rm } from "node:fs/promises";
import { readIfThere, replaceFile } from "./files.ts";
import { codeOf, LauncherError } from "./launcher-error.ts";
import { type Lock, tryLock } from "./lock.ts";
import { isNewer, parseMarker, renderMarker } from "./marker.ts";
import { paths } from "./paths.ts";
import { readRunFile } from "./run-file.ts";

/** A folder of ours, held by this process alone until `lock` is released. */
export interface DataFolder {
  readonly root: string;
  readonly lock: Lock;
}

/** Somebody else holds the folder. */
export class FolderInUse extends LauncherError {}

/** Makes the folder where missing and takes its lock. A folder that is somebody else's is left as it is. */
export async function openDataFolder(root: string): Promise<DataFolder> {
  try {
    await requireOursOrEmpty(root);
    await mkdir(root, { recursive: true });
    // Postgres, which refuses to be root, must pass through as another user. What lies within is closed.
    await chmod(root, process.getuid?.() === 0 ? 0o711 : 0o700);
  } catch (error) {
    throw folderError(root, error);
  }
  const lock = tryLock(paths.lock(root));
  if (lock === undefined) throw await inUse(root);
  return { root, lock };
}

/** Marks the folder as one of this release. LauncherError for the folder of a newer one. */
export async function claim({ root }: DataFolder, release: string): Promise<void> {
  try {
    const text = await readIfThere(paths.marker(root));
    if (text !== undefined) requireNotNewer(root, parseMarker(root, text).release, release);
    await replaceFile(paths.marker(root), renderMarker(release));
    await mkdir(paths.logs(root), { recursive: true, mode: 0o700 });
    await rm(paths.discarded(root), { recursive: true, force: true });
  } catch (error) {
    throw folderError(root, error);
  }
}

/** Before anything is written: the name may be a slip. */
async function requireOursOrEmpty(root: string): Promise<void> {
  const names = await readdir(root).catch((error: unknown) => {
    if (codeOf(error) === "ENOENT") return [];
    throw error;
  });
  const text = await readIfThere(paths.marker(root));
  if (text !== undefined) return void parseMarker(root, text);
  // What a first start leaves that was cut off before it wrote the marker.
  const foreign = names.filter((name) => !["lock", "portcullis.json.new"].includes(name));
  if (foreign.length === 0) return;
  throw new LauncherError(
    `The folder ${root} holds files that are not from Portcullis (${foreign[0]}). Name an empty folder, or one that doesn't exist yet, with --data.`,
  );
}

function requireNotNewer(root: string, theirs: string, ours: string): void {
  if (!isNewer(theirs, ours)) return;
  throw new LauncherError(
    `The data folder ${root} was used by Portcullis ${theirs}, and this is ${ours}. Start it with that release or a later one, or name another folder with --data.`,
  );
}

async function inUse(root: string): Promise<FolderInUse> {
  const pid = (await readRunFile(root))?.launcher;
  const stop = pid === undefined ? "Stop it" : `Stop it (\`kill ${pid}\`, or Ctrl-C where it runs)`;
  return new FolderInUse(
    `Portcullis is already running on ${root}. ${stop}, or name another folder with --data and other ports with --port-base.`,
  );
}

function folderError(root: string, cause: unknown): LauncherError {
  if (cause instanceof LauncherError) return cause;
  const reasons: Readonly<Record<string, string>> = {
    EACCES: "you may not write there",
    EPERM: "you may not write there",
    EROFS: "the file system is read-only",
    ENOTDIR: "a part of the path is a file",
    EEXIST: "it is a file",
    ENOSPC: "the disk is full",
    EDQUOT: "the disk quota is used up",
  };
  const code = codeOf(cause);
  const reason = reasons[code] ?? (code === "" ? String(cause) : code);
  return new LauncherError(
    `The data folder ${root} can't be used: ${reason}. Name a folder that you may write to with --data.`,
    { cause },
  );
}
