import { randomBytes } from "node:crypto";
import { openDatabase, requireMigrated, startRequestCleanup } from "@portcullis/postgres";
import { configOrExit, createLogger, createMetrics, newId, runService } from "@portcullis/service";
import { openAttempts } from "./attempts.ts";
import { readCredentialConfig } from "./config.ts";
import { openMemory } from "./memory.ts";
import { connectPeers, serviceName } from "./peers/connect.ts";
import { createReceipts } from "./receipts.ts";
import { startCredentialServer } from "./server.ts";
import { startEmptying } from "./store/account-emptying.ts";
import { createStores } from "./store/create-stores.ts";
import { migrations } from "./store/migrations/index.ts";
import type { Schema } from "./store/schema.ts";
import { startSessionCleanup } from "./store/session-cleanup.ts";

const config = configOrExit(() => readCredentialConfig(process.env));
const clock = () => new Date();
const log = createLogger(serviceName, config.LOG_LEVEL);
const failed = (message: string) => (error: unknown) => log.warn({ err: error }, message);

await runService(log, async () => {
  const database = openDatabase<Schema>({
    url: config.DATABASE_URL,
    applicationName: serviceName,
    poolSizeMax: config.DATABASE_POOL_MAX,
    statementTimeoutMs: config.CALL_TIMEOUT_MS,
    connectTimeoutMs: 5_000,
    onError: failed("a database connection broke"),
  });
  await requireMigrated(database.db, migrations);
  const { redis, attempts, ...shared } = openAttempts(config, log);
  const memory = await openMemory(config, database, redis, log);
  const stores = createStores(database.db, memory.settled, { clock, newId });
  const receipts = createReceipts(config.RECEIPT_SIGNING_KEYS, database.db, log);
  const server = await startCredentialServer({
    host: config.HOST,
    port: config.PORT,
    peers: connectPeers(config),
    log,
    metrics: createMetrics(serviceName),
    probe: (signal) => database.ping(signal),
    deps: { ...stores, ...memory, receipts, attempts, clock, newId, randomBytes },
  });
  const cleanups = [startRequestCleanup, startSessionCleanup, startEmptying].map((start) =>
    start(database.db, failed("a cleanup failed; it will be tried again")),
  );
  log.info({ host: config.HOST, port: server.port }, "listening");
  return {
    async close() {
      const stopped = cleanups.map((cleanup) => cleanup.stop());
      await Promise.all([server.close(config.SHUTDOWN_GRACE_MS), ...stopped]);
      await memory.close();
      await Promise.all([shared.close(), database.close()]);
    },
  };
});
