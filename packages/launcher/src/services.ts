import { type Endpoint, endpointOf } from "./endpoints.ts";
import { LauncherError } from "./launcher-error.ts";
import { beginLog, type Log, lastLines } from "./log-lines.ts";
import { paths } from "./paths.ts";
import { portError } from "./ports.ts";
import type { Postgres } from "./postgres.ts";
import { ensureReceiptKeys } from "./receipt-keys.ts";
import type { Redis } from "./redis.ts";
import { type ServiceProcessOptions, startServiceProcess } from "./service-process.ts";
import type { ServiceSpec } from "./service-specs.ts";
import type { Child, Supervisor } from "./supervisor.ts";
import { waitUntilServing } from "./wait-until-serving.ts";

export interface ServiceContext {
  readonly root: string;
  readonly supervisor: Supervisor;
  readonly postgres: Postgres;
  readonly redis: Promise<Redis>;
  readonly endpoints: readonly Endpoint[];
  readonly workloadKey: string;
  readonly encryptionKeys: string;
  readonly onLogLine: ServiceProcessOptions["onLogLine"];
}

/** Brings the service's database up to date, starts it, and resolves when it serves. */
export async function startService(spec: ServiceSpec, context: ServiceContext): Promise<void> {
  const { root, supervisor, postgres, endpoints, workloadKey, onLogLine } = context;
  const endpoint = endpointOf(endpoints, spec.name);
  const log = await beginLog(paths.log(root, spec.name));
  const database = spec.hasDatabase
    ? { DATABASE_URL: await postgres.databaseUrl(`portcullis_${spec.name}`) }
    : {};
  if (spec.hasDatabase) await migrate(spec, context, log, database);
  const env = {
    ...database,
    HOST: endpoint.host,
    PORT: String(endpoint.port),
    ...(endpoint.dataPort === undefined ? {} : { DATA_PORT: String(endpoint.dataPort) }),
    WORKLOAD_KEY: workloadKey,
    RECEIPT_SIGNING_KEYS: await ensureReceiptKeys(root, spec.name),
    MAIL_FOLDER: paths.mail(root),
    // Others reach it by the name that they use; here that is the address it listens on.
    PUBLIC_ORIGIN: process.env.PUBLIC_ORIGIN ?? endpoint.url,
    // Whatever the shell has: this is no production.
    NODE_ENV: "development",
    ...Object.fromEntries(endpoints.map(({ name, url }) => [`${name.toUpperCase()}_URL`, url])),
    ...(spec.needsRedis ? { REDIS_URL: (await context.redis).url } : {}),
    ...(spec.sealsSecrets ? { [`${spec.name.toUpperCase()}_ENCRYPTION_KEYS`]: context.encryptionKeys } : {}),
  };
  await supervisor.start("services", async () => {
    const script = "main.ts";
    const child = await startServiceProcess({ root, service: spec.name, log, script, env, onLogLine });
    return { ...child, explain: (lines) => explainPort(endpoint, lines) } satisfies Child;
  });
  await waitUntilServing(endpoint, workloadKey, log);
}

async function migrate(
  { name }: ServiceSpec,
  { root, supervisor, onLogLine }: ServiceContext,
  log: Log,
  env: Readonly<Record<string, string>>,
): Promise<void> {
  const { code, signal } = await supervisor.run(() =>
    startServiceProcess({ root, service: name, log, script: "migrate.ts", env, onLogLine }),
  );
  if (code === 0) return;
  throw new LauncherError(
    `The database of ${name} could not be brought up to date (${signal ?? `code ${code}`}). Its log is ${log.file}; it ends like this:`,
    { details: await lastLines(log) },
  );
}

/** Somebody was faster than we between the check and the start. */
function explainPort(endpoint: Endpoint, lines: readonly string[]): LauncherError | undefined {
  const isTaken = lines.slice(-3).some((line) => line.includes("EADDRINUSE"));
  return isTaken ? portError(endpoint, "EADDRINUSE") : undefined;
}
