import { randomBytes } from "node:crypto";
import { openDatabase, requireMigrated } from "@portcullis/postgres";
import { configOrExit, createLogger, createMetrics, newId, readTls, runService } from "@portcullis/service";
import { openAttempts } from "./attempts.ts";
import { readCredentialConfig } from "./config.ts";
import { openMemory } from "./memory.ts";
import { connectPeers, serviceName } from "./peers/connect.ts";
import { createReceipts } from "./receipts.ts";
import { startCredentialServer } from "./server.ts";
import { startCleanups } from "./store/cleanups.ts";
import { createStores } from "./store/create-stores.ts";
import { migrations } from "./store/migrations/index.ts";
import { startLastUses } from "./store/postgres-last-uses.ts";
import type { Schema } from "./store/schema.ts";

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
  const tls = await readTls(config);
  const memory = await openMemory(config, database, redis, log);
  const stores = createStores(database.db, memory.settled, { clock, newId });
  const uses = startLastUses(
    database.db,
    failed("last uses are not written; they will be with the next ones"),
  );
  const receipts = createReceipts(config.RECEIPT_SIGNING_KEYS, database.db, log);
  const metrics = createMetrics(serviceName);
  const peers = connectPeers(config, tls, metrics);
  const server = await startCredentialServer({
    host: config.HOST,
    port: config.PORT,
    dataPort: config.DATA_PORT,
    tls,
    peers,
    log,
    metrics,
    probe: (signal) => database.ping(signal),
    deps: { ...stores, ...memory, receipts, attempts, uses, clock, newId, randomBytes },
  });
  const cleanups = startCleanups(database.db, failed("a cleanup failed; it will be tried again"));
  log.info({ host: config.HOST, port: server.port, dataPort: server.dataPort }, "listening");
  return {
    async close() {
      await Promise.all([server.close(config.SHUTDOWN_GRACE_MS), cleanups.stop()]);
      peers.close();
      await Promise.all([uses.close(), memory.close()]);
      await Promise.all([shared.close(), database.close()]);
    },
  };
});
