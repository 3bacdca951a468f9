import { execFile } from "node:child_process";
import { join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";

const script = join(import.meta.dirname, "../../services/credential/testing/load-tokens.ts");

/** Puts so many API keys into the empty database, of a service user each, and tells what they are. */
export async function loadTokens(databaseUrl: string, count: number): Promise<readonly string[]> {
  const { stdout } = await promisify(execFile)(process.execPath, [script, String(count)], {
    env: { ...process.env, DATABASE_URL: databaseUrl },
    maxBuffer: 2 ** 30,
  });
  return stdout.trim().split("\n");
}
