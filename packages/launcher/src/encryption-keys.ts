import { randomBytes } from "node:crypto";
import { readIfThere, replaceFile } from "./files.ts";
import { LauncherError } from "./launcher-error.ts";
import { paths } from "./paths.ts";

/** What identity seals secrets in its database with, as its configuration has it; made once for a data folder. */
export async function ensureEncryptionKeys(root: string): Promise<string> {
  const existing = (await readIfThere(paths.encryptionKeys(root)))?.trim();
  if (existing === undefined) {
    const keys = `k1:${randomBytes(32).toString("base64")}`;
    await replaceFile(paths.encryptionKeys(root), `${keys}\n`);
    return keys;
  }
  if (/^[a-z0-9-]+:[A-Za-z0-9+/]{43}=(,[a-z0-9-]+:[A-Za-z0-9+/]{43}=)*$/.test(existing)) return existing;
  throw new LauncherError(
    `The file ${paths.encryptionKeys(root)} is damaged. Put it back from a backup. Without it, second factors that are enrolled can't be used: if there are none, delete the file, and the next start makes another.`,
  );
}
