import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** A path in a folder that is deleted after the test; nothing is there yet. */
export async function temporaryPath(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "portcullis-launcher-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return join(folder, "data");
}
