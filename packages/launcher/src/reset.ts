import { readdir, rename, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { createInterface } from "node:readline/promises";
import type { DataFolder } from "./data-folder.ts";
import { readIfThere } from "./files.ts";
import { LauncherError, usageError } from "./launcher-error.ts";
import { endLeftovers } from "./leftovers.ts";
import { parseMarker } from "./marker.ts";
import { paths } from "./paths.ts";
import { type StopRequests, unlessStopped } from "./stop-requests.ts";

/**
 * Deletes what is in the folder, but for the lock, which is held. Only where the marker says that the folder is
 * ours, and nothing of it runs.
 */
export async function resetDataFolder(
  { root }: DataFolder,
  consent: { readonly given: boolean; readonly terminal: boolean },
  stop: StopRequests,
): Promise<void> {
  const marker = await readIfThere(paths.marker(root));
  if (marker === undefined) return; // Nothing but the lock: see `openDataFolder`.
  parseMarker(root, marker);
  if (!consent.given) await ask(root, consent.terminal, stop);
  const running = await endLeftovers(root, () => {});
  if (running.length > 0) {
    throw new LauncherError(
      `${running.join(", ")} of an earlier start still runs on ${root}. Nothing was deleted; try again in a minute.`,
    );
  }
  // In this order a reset that is cut off leaves a folder that starts: without state a first start is repeated,
  // and the database goes at once or not at all.
  await rm(paths.state(root), { force: true });
  await rm(paths.discarded(root), { recursive: true, force: true });
  await rename(paths.postgres(root), paths.discarded(root)).catch(() => {}); // There was none.
  const kept = new Set([paths.lock(root), paths.marker(root)].map((path) => basename(path)));
  for (const name of await readdir(root)) {
    if (!kept.has(name)) await rm(join(root, name), { recursive: true, force: true });
  }
  await rm(paths.marker(root));
}

async function ask(root: string, terminal: boolean, stop: StopRequests): Promise<void> {
  if (!terminal)
    throw usageError("--reset deletes everything in the data folder. Add --yes to say that you mean it.");
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    // The prompt takes Ctrl-C for itself.
    prompt.on("SIGINT", () => process.kill(process.pid, "SIGINT"));
    const question = `Delete everything in ${root}, all accounts and credentials? [y/N] `;
    const answer = await unlessStopped(prompt.question(question), stop);
    if (/^y(es)?$/i.test(answer.trim())) return;
  } finally {
    prompt.close();
  }
  throw new LauncherError("Nothing was deleted. Start without --reset to use the folder as it is.");
}
