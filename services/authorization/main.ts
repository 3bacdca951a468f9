import { openDatabase, requireMigrated } from "@portcullis/postgres";
import {
  configOrExit,
  createLogger,
  createMetrics,
  parseWorkloadKey,
  readTls,
  runService,
} from "@portcullis/service";
import { readAuthorizationConfig } from "./config.ts";
import { openMemory } from "./memory.ts";
import { connectCredential } from "./peers/connect.ts";
import { createReceipts } from "./receipts.ts";
import { serviceName, startAuthorizationServer } from "./server.ts";
import { migrations } from "./store/migrations/index.ts";
import type { AuthorizationSchema } from "./store/schema.ts";

const config = configOrExit(() => readAuthorizationConfig(process.env));
const log = createLogger(serviceName, config.LOG_LEVEL);
const workloadKey = parseWorkloadKey(config.WORKLOAD_KEY);

await runService(log, async () => {
  const database = openDatabase<AuthorizationSchema>({
    url: config.DATABASE_URL,
    applicationName: `portcullis-${serviceName}`,
    poolSizeMax: config.DATABASE_POOL_MAX,
    statementTimeoutMs: config.CALL_TIMEOUT_MS,
    connectTimeoutMs: 5_000,
    onError: (error) => log.warn({ err: error }, "a connection to the database broke"),
  });
  await requireMigrated(database.db, migrations);
  const tls = await readTls(config);
  const memory = await openMemory(config, database, log);
  const metrics = createMetrics(serviceName);
  const { close: closePeers, ...peers } = connectCredential(config, serviceName, tls, metrics);
  const server = await startAuthorizationServer({
    host: config.HOST,
    port: config.PORT,
    dataPort: config.DATA_PORT,
    tls,
    database,
    memory,
    ...peers,
    workloadKey,
    receipts: createReceipts(config.RECEIPT_SIGNING_KEYS, database.db, log),
    callTimeoutMs: config.CALL_TIMEOUT_MS,
    log,
    metrics,
    now: () => new Date(),
  });
  log.info({ host: config.HOST, port: server.port, dataPort: server.dataPort }, "serving");
  return {
    async close() {
      await server.close(config.SHUTDOWN_GRACE_MS);
      closePeers();
      await memory.close();
      await database.close();
    },
  };
});
