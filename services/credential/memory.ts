import { defaultTiming } from "@portcullis/coherence";
import { type Coherence, openCoherence } from "@portcullis/coherence/open";
import { createSettledTransactions, startLogCleanup } from "@portcullis/coherence/postgres";
import { createWarmStore } from "@portcullis/coherence/redis";
import { type Database, openDatabase } from "@portcullis/postgres";
import type { RedisConnection } from "@portcullis/redis";
import { redisTargetOf, type ServerOptions } from "@portcullis/service";
import type { CredentialConfig } from "./config.ts";
import type { PresentedCredentials } from "./domain/ports.ts";
import { serviceName } from "./peers/connect.ts";
import { createPostgresHeld } from "./store/postgres-held.ts";
import { createRememberedCredentials } from "./store/remembered-credentials.ts";
import type { Schema } from "./store/schema.ts";
import { scopeKinds } from "./store/scopes.ts";
import { createWarmCredentials } from "./store/warm-credentials.ts";

/** What this replica remembers, and how its changes reach the others. */
export interface Memory {
  readonly coherence: Coherence;
  readonly settled: ReturnType<typeof createSettledTransactions<Schema>>;
  readonly presented: PresentedCredentials;
  close(): Promise<void>;
}

/** Syncs must not wait behind requests: they have connections of their own. */
const syncPoolMax = 2;

export async function openMemory(
  config: CredentialConfig,
  database: Database<Schema>,
  redis: RedisConnection,
  log: ServerOptions["log"],
): Promise<Memory> {
  const warn = (message: string) => (err: unknown) => log.warn({ err }, message);
  const syncDatabase = openDatabase<Schema>({
    url: config.DATABASE_URL,
    applicationName: `${serviceName}-sync`,
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
  const presented = createRememberedCredentials({
    source: createPostgresHeld(database.db),
    warm: createWarmCredentials(createWarmStore({ redis, service: serviceName }), coherence.warmKeys),
    replica: coherence.replica,
    table: coherence.table,
    limits: { entriesMax: config.MEMORY_ENTRIES_MAX, bytesMax: config.MEMORY_MIB_MAX * 2 ** 20 },
  });
  const cleanup = startLogCleanup(database.db, warn("the log of changes could not be trimmed"));
  return {
    coherence,
    settled: createSettledTransactions<Schema>({ db: database.db, ...coherence }),
    presented,
    async close() {
      await Promise.all([coherence.close(AbortSignal.timeout(closeMsMax)).catch(() => {}), cleanup.stop()]);
      await syncDatabase.close();
    },
  };
}

const closeMsMax = 3_000;
