import { createAdministratorKey } from "./administrator-key.ts";
import type { DataFolder } from "./data-folder.ts";
import { ensureEncryptionKeys } from "./encryption-keys.ts";
import { endpointsFrom } from "./endpoints.ts";
import { isFirstKeyDelivered, noteFirstKeyDelivered } from "./first-key.ts";
import { endLeftovers } from "./leftovers.ts";
import type { Options } from "./options.ts";
import type { Output, Ready } from "./output.ts";
import { requireFreePorts } from "./ports.ts";
import { startPostgres } from "./postgres.ts";
import { provideRedis } from "./redis.ts";
import { createRunNotes } from "./run-file.ts";
import { serviceSpecs } from "./service-specs.ts";
import { startService } from "./services.ts";
import { type StopRequests, unlessStopped } from "./stop-requests.ts";
import { Supervisor } from "./supervisor.ts";
import { ensureWorkloadKey } from "./workload-key.ts";

export interface LaunchContext {
  readonly options: Options;
  readonly folder: DataFolder;
  readonly release: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly output: Output;
  readonly stop: StopRequests;
}

/** What identity logs beside the link of each mail that it writes to a file: whoever waits for it looks here. */
const mailWritten = "a mail was written to a file";

/**
 * Starts everything, tells that it is ready, and goes on until a stop is asked for (StopRequested) or something
 * fails (LauncherError). Nothing runs any more when it ends.
 */
export async function launch(context: LaunchContext): Promise<never> {
  const { options, folder, output, stop } = context;
  const onWait = () => output.progress("Waiting for what an earlier start left to end…");
  await unlessStopped(endLeftovers(folder.root, onWait), stop);
  await requireFreePorts(endpointsFrom(options.host, options.portBase));
  const notes = await createRunNotes(folder.root, options.host, options.portBase);
  const supervisor = new Supervisor(notes, stop);
  try {
    const isFirstStart = !(await isFirstKeyDelivered(folder.root));
    const ready = await supervisor.guard(startAll(context, supervisor, isFirstStart));
    await output.ready(ready);
    if (isFirstStart) await noteFirstKeyDelivered(folder.root);
    return await supervisor.guard(new Promise<never>(() => {}));
  } finally {
    if (supervisor.isBusy()) output.progress("Stopping…");
    await supervisor.stopAll();
    await notes.remove();
  }
}

async function startAll(
  { options, folder: { root }, release, environment, output }: LaunchContext,
  supervisor: Supervisor,
  isFirstStart: boolean,
): Promise<Ready> {
  output.progress(isFirstStart ? `Making an installation in ${root}…` : `Starting with the data in ${root}…`);
  const endpoints = endpointsFrom(options.host, options.portBase);
  const workloadKey = await ensureWorkloadKey(root);
  const encryptionKeys = await ensureEncryptionKeys(root);
  const redis = provideRedis(supervisor, root, environment);
  redis.catch(() => {}); // Met where it is awaited.
  const postgres = await supervisor.start("postgres", () => startPostgres(root));
  const onLogLine = (name: string, line: string) => {
    if (options.verbose || line.includes(mailWritten)) output.logLine(name, line);
  };
  const context = { root, supervisor, postgres, redis, endpoints, workloadKey, encryptionKeys, onLogLine };
  await Promise.all(serviceSpecs.map((spec) => startService(spec, context)));
  const apiKey =
    isFirstStart || options.newKey
      ? await createAdministratorKey(endpoints, workloadKey, keyDescription(isFirstStart))
      : undefined;
  return {
    release,
    root,
    endpoints,
    postgresPort: postgres.port,
    redis: (await redis).kind,
    seconds: Math.round(performance.now()) / 1_000,
    isFirstStart,
    apiKey,
  };
}

export function keyDescription(isFirst: boolean): string {
  return isFirst ? "First key, made by npm start" : "Made by npm start -- --new-key";
}
