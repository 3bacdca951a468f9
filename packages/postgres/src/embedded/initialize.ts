import { chown, lchown, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startTethered } from "@portcullis/tether";
import type { Binaries } from "./binaries.ts";
import { adopt, type DataFolder, isInitialized, openStaging, ownerOf } from "./data-folder.ts";
import { EmbeddedPostgresError } from "./embedded-postgres-error.ts";
import { ensurePassword, readPassword } from "./passwords.ts";
import type { ServerUser } from "./server-user.ts";

export const superuser = "postgres";

/** The whole environment of Postgres' programs: English messages, which we read, and no PG* of ours. */
export const serverEnvironment = { PATH: process.env["PATH"], LC_ALL: "C", TZ: "UTC" };

/** Makes the database files where missing; returns the superuser's password. */
export async function initialize(
  binaries: Binaries,
  folder: DataFolder,
  user: ServerUser,
  sync: boolean,
): Promise<string> {
  if (!(await isInitialized(folder))) {
    const password = await ensurePassword(folder.superuserPassword);
    await initdb(binaries, folder, user, password, sync);
    return password;
  }
  const password = await readPassword(folder.superuserPassword);
  if (password === undefined) {
    throw new EmbeddedPostgresError(
      "broken_data_folder",
      `${folder.superuserPassword} is missing, without which ${folder.pgdata} can't be opened. Put it back, or delete ${folder.root} to start with an empty database.`,
    );
  }
  // The folder was used under another user before (a checkout that was moved, say).
  if (user.owner !== undefined && user.owner !== (await ownerOf(folder)))
    await giveTo(user.owner, folder.pgdata);
  return password;
}

async function initdb(
  binaries: Binaries,
  folder: DataFolder,
  user: ServerUser,
  password: string,
  sync: boolean,
): Promise<void> {
  const staging = await openStaging(folder);
  const passwordFile = join(staging, "password");
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (user.owner !== undefined) await giveTo(user.owner, staging);
  const lines: string[] = [];
  const settings = {
    pgdata: join(staging, "pgdata"),
    username: superuser,
    pwfile: passwordFile,
    auth: "scram-sha-256",
    // Sorts by bytes and knows the case of all letters, alike on every system.
    encoding: "UTF8",
    locale: "C",
    "locale-provider": "builtin",
    "builtin-locale": "C.UTF-8",
  };
  const [command = "", ...args] = [
    ...user.prefix,
    binaries.initdb,
    "--no-instructions",
    ...(sync ? [] : ["--no-sync"]),
    ...Object.entries(settings).map(([name, value]) => `--${name}=${value}`),
  ];
  const process = await startTethered({
    command,
    args,
    ...user.ids,
    cwd: "/",
    env: serverEnvironment,
    signal: "SIGTERM",
    stderr: (line) => lines.push(line),
  });
  const { code } = await process.exited;
  if (code === 0) return await adopt(join(staging, "pgdata"), folder);
  await rm(staging, { recursive: true, force: true });
  throw initdbError(code, lines, folder);
}

function initdbError(
  code: number | null,
  lines: readonly string[],
  folder: DataFolder,
): EmbeddedPostgresError {
  const said = lines.join("\n");
  if (/No space left on device|Disk quota exceeded/.test(said)) {
    return new EmbeddedPostgresError(
      "disk_full",
      `The disk that holds ${folder.root} is full. Free some space, then start again.`,
      said,
    );
  }
  return code === 126 || code === 127
    ? new EmbeddedPostgresError(
        "binary_missing",
        `The Postgres that npm brought doesn't run on this system. Set DATABASE_URL to a Postgres of yours.\n${said}`,
      )
    : new EmbeddedPostgresError("start_failed", `initdb failed in ${folder.root}:\n${said}`);
}

async function giveTo(owner: number, path: string): Promise<void> {
  await chown(path, owner, owner);
  for (const entry of await readdir(path, { recursive: true, withFileTypes: true })) {
    await lchown(join(entry.parentPath, entry.name), owner, owner);
  }
}
