import { openDatabase, requireMigrated, startRequestCleanup } from "@portcullis/postgres";
import { configOrExit, createLogger, createMetrics, newId, runService } from "@portcullis/service";
import { startBackground } from "./background.ts";
import { readIdentityConfig } from "./config.ts";
import { createMailer } from "./mail/create-mailer.ts";
import { connectPeers, serviceName } from "./peers/connect.ts";
import { createReceipts } from "./receipts.ts";
import { createSecrets } from "./secrets/create-secrets.ts";
import { startIdentityServer } from "./server.ts";
import { createStores } from "./store/create-stores.ts";
import { migrations } from "./store/migrations/index.ts";
import { createTotpResealing } from "./store/reseal-totp-secrets.ts";
import type { Schema } from "./store/schema.ts";

const config = configOrExit(() => readIdentityConfig(process.env));
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
  const metrics = createMetrics(serviceName);
  const { security, close: closePeers, ...peers } = connectPeers(config, metrics);
  const mailer = createMailer(config, newId, log);
  const { totpSecrets, ...secrets } = await createSecrets(config);
  const enforcerNames = peers.enforcers.map(({ name }) => name);
  const stores = createStores(database.db, { clock, newId, enforcerNames });
  const receipts = createReceipts(config.RECEIPT_SIGNING_KEYS, database.db, log);
  const deps = {
    ...stores,
    ...peers,
    ...secrets,
    receipts,
    mailer,
    publicUrl: config.PUBLIC_URL,
    clock,
    newId,
  };
  const server = await startIdentityServer({
    host: config.HOST,
    port: config.PORT,
    security,
    log,
    metrics,
    probe: (signal) => database.ping(signal),
    deps,
  });
  const resealSecrets = createTotpResealing(database.db, totpSecrets, log);
  const background = startBackground({ ...deps, resealSecrets }, log);
  const cleanup = startRequestCleanup(database.db, failed("cleanup failed"));
  log.info({ host: config.HOST, port: server.port }, "listening");
  return {
    async close() {
      await Promise.all([server.close(config.SHUTDOWN_GRACE_MS), cleanup.stop()]);
      await background.stop();
      closePeers();
      mailer.close();
      await database.close();
    },
  };
});
