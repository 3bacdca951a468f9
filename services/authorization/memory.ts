import { defaultTiming } from "@portcullis/coherence";
import { type Coherence, openCoherence } from "@portcullis/coherence/open";
import { createSettledTransactions, startLogCleanup } from "@portcullis/coherence/postgres";
import { type Database, openDatabase } from "@portcullis/postgres";
import { redisTargetOf, type ServerOptions } from "@portcullis/service";
import type { AuthorizationConfig } from "./config.ts";
import type { FactsFinder } from "./domain/decision-ports.ts";
import { serviceName } from "./server.ts";
import { createPostgresFacts } from "./store/postgres-facts.ts";
import { createRememberedFacts } from "./store/remembered-facts.ts";
import type { AuthorizationSchema } from "./store/schema.ts";
import { scopeKinds } from "./store/scopes.ts";

/** What this replica remembers, and how its changes reach the others. */
export interface Memory {
  readonly coherence: Coherence;
  readonly settled: ReturnType<typeof createSettledTransactions<AuthorizationSchema>>;
  readonly facts: FactsFinder;
  close(): Promise<void>;
}

/** Syncs must not wait behind requests: they have connections of their own. */
const syncPoolMax = 2;

export async function openMemory(
  config: AuthorizationConfig,
  database: Database<AuthorizationSchema>,
  log: ServerOptions["log"],
): Promise<Memory> {
  const warn = (message: string) => (err: unknown) => log.warn({ err }, message);
  const syncDatabase = openDatabase<AuthorizationSchema>({
    url: config.DATABASE_URL,
    applicationName: `portcullis-${serviceName}-sync`,
    poolSizeMax: syncPoolMax,
    statementTimeoutMs: config.LEASE_MS,
    connectTimeoutMs: config.LEASE_MS,
    onError: () => {},
  });
  const coherence = await openCoherence({
    db: syncDatabase.db,
    redis: redisTargetOf(config),
    service: serviceName,
    replica: config.REPLICA_NAME,
    kinds: scopeKinds,
    mode: config.MEMORY_MODE,
    timing: { ...defaultTiming, leaseMs: config.LEASE_MS },
    onError: warn("the log of changes can't be read: answers come from Postgres, or not at all"),
    onChannelOutage: warn("Redis is away: changes take up to a lease's time to be in force everywhere"),
    onChannelRecovery: () => log.info("Redis is back"),
  });
  const facts = createRememberedFacts({
    source: createPostgresFacts(database.db),
    replica: coherence.replica,
    table: coherence.table,
    limits: { entriesMax: config.MEMORY_ENTRIES_MAX, bytesMax: config.MEMORY_MIB_MAX * 2 ** 20 },
  });
  const cleanup = startLogCleanup(database.db, warn("the log of changes could not be trimmed"));
  return {
    coherence,
    settled: createSettledTransactions<AuthorizationSchema>({ db: database.db, ...coherence }),
    facts,
    async close() {
      await Promise.all([coherence.close(AbortSignal.timeout(closeMsMax)).catch(() => {}), cleanup.stop()]);
      await syncDatabase.close();
    },
  };
}

const closeMsMax = 3_000;
