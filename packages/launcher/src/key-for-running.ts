import { createAdministratorKey } from "./administrator-key.ts";
import type { FolderInUse } from "./data-folder.ts";
import { endpointsFrom } from "./endpoints.ts";
import { keyDescription } from "./launch.ts";
import { readRunFile } from "./run-file.ts";
import { readWorkloadKey } from "./workload-key.ts";

/** Another API key from the installation that runs on this folder already; `inUse` when it can't be found. */
export async function keyForRunning(root: string, inUse: FolderInUse): Promise<string> {
  const run = await readRunFile(root);
  const workloadKey = await readWorkloadKey(root);
  if (run === undefined || workloadKey === undefined) throw inUse;
  return await createAdministratorKey(
    endpointsFrom(run.host, run.portBase),
    workloadKey,
    keyDescription(false),
  );
}
