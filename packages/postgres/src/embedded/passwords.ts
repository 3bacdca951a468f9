import { randomBytes } from "node:crypto";
import { readFile, rename, writeFile } from "node:fs/promises";

/** The password kept in this file, which only our user can read; undefined when there is none. */
export async function readPassword(file: string): Promise<string | undefined> {
  try {
    const password = (await readFile(file, "utf8")).trim();
    return password === "" ? undefined : password;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** The password kept in this file; a new one, safe in a URL, when there is none. */
export async function ensurePassword(file: string): Promise<string> {
  const existing = await readPassword(file);
  if (existing !== undefined) return existing;
  const password = randomBytes(24).toString("base64url");
  // Whole or not at all: a file cut short would lock us out of the database.
  await writeFile(`${file}.new`, `${password}\n`, { mode: 0o600 });
  await rename(`${file}.new`, file);
  return password;
}
