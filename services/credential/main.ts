import { randomBytes } from "node:crypto";
import { openDatabase, requireMigrated, startRequestCleanup } from "@portcullis/postgres";
import { openRedis } from "@portcullis/redis";
import {
  configOrExit,
  createLogger,
  createMetrics,
  newId,
  readTls,
  redisTargetOf,
  runService,
} from "@portcullis/service";
import { readCredentialConfig } from "./config.ts";
import { openMemory } from "./memory.ts";
import { connectPeers, serviceName } from "./peers/connect.ts";
import { createReceipts } from "./receipts.ts";
import { startCredentialServer } from "./server.ts";
import { startEmptying } from "./store/account-emptying.ts";
import { createAttemptLimiter, windowMs } from "./store/attempt-limiter.ts";
import { createStores } from "./store/create-stores.ts";
import { createLastUses } from "./store/last-uses.ts";
import { migrations } from "./store/migrations/index.ts";
import { createOutageLog } from "./store/outage-log.ts";
import { writeLastUses } from "./store/postgres-last-uses.ts";
import type { Schema } from "./store/schema.ts";
import { startSessionCleanup } from "./store/session-cleanup.ts";
import { createRedisAttempts } from "./store/shared-attempts.ts";

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
  const tls = await readTls(config);
  const outage = createOutageLog(log);
  const redis = openRedis(redisTargetOf(config), {
    onError: outage.failed,
    onRecovery: outage.worked,
    commandTimeoutMs: 500,
  });
  const shared = createRedisAttempts(redis, windowMs);
  const attempts = createAttemptLimiter({ shared, nowMs: () => performance.now(), outage });
  const memory = await openMemory(config, database, redis, log);
  const stores = createStores(database.db, memory.settled, { clock, newId });
  const uses = createLastUses({
    write: (noted, signal) => writeLastUses(database.db, noted, signal),
    onError: failed("last uses could not be written; they will be with the next ones"),
  });
  const receipts = createReceipts(config.RECEIPT_SIGNING_KEYS, database.db, log);
  const server = await startCredentialServer({
    host: config.HOST,
    port: config.PORT,
    dataPort: config.DATA_PORT,
    tls,
    peers: connectPeers(config, tls),
    log,
    metrics: createMetrics(serviceName),
    probe: (signal) => database.ping(signal),
    deps: { ...stores, ...memory, receipts, attempts, uses, clock, newId, randomBytes },
  });
  const cleanups = [startRequestCleanup, startSessionCleanup, startEmptying].map((start) =>
    start(database.db, failed("a cleanup failed; it will be tried again")),
  );
  log.info({ host: config.HOST, port: server.port, dataPort: server.dataPort }, "listening");
  return {
    async close() {
      await Promise.all([
        server.close(config.SHUTDOWN_GRACE_MS),
        ...cleanups.map((cleanup) => cleanup.stop()),
      ]);
      await Promise.all([attempts.close(), uses.close(), memory.close()]);
      await Promise.all([redis.close(), database.close()]);
    },
  };
});
