import { randomBytes } from "node:crypto";
import { readIfThere, replaceFile } from "./files.ts";
import { LauncherError } from "./launcher-error.ts";
import { paths } from "./paths.ts";

/** The key that the services share, base64; made once for a data folder. */
export async function ensureWorkloadKey(root: string): Promise<string> {
  const existing = await readWorkloadKey(root);
  if (existing !== undefined) return existing;
  const key = randomBytes(32).toString("base64");
  await replaceFile(paths.workloadKey(root), `${key}\n`);
  return key;
}

export async function readWorkloadKey(root: string): Promise<string | undefined> {
  const text = (await readIfThere(paths.workloadKey(root)))?.trim();
  if (text === undefined || Buffer.from(text, "base64").length >= 32) return text;
  throw new LauncherError(
    `The file ${paths.workloadKey(root)} is damaged. Delete it: the next start makes another, and nothing is lost.`,
  );
}
