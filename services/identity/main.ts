import { openDatabase, requireMigrated, startRequestCleanup } from "@portcullis/postgres";
import { configOrExit, createLogger, createMetrics, newId, runService } from "@portcullis/service";
import { readIdentityConfig } from "./config.ts";
import { connectPeers, serviceName } from "./peers/connect.ts";
import { startIdentityServer } from "./server.ts";
import { migrations } from "./store/migrations/index.ts";
import { createPostgresAccounts } from "./store/postgres-accounts.ts";
import { createPostgresEnforcementOutbox } from "./store/postgres-enforcement-outbox.ts";
import { createPostgresServiceUsers } from "./store/postgres-service-users.ts";
import { createPostgresUnitOfWork } from "./store/postgres-unit-of-work.ts";
import type { Schema } from "./store/schema.ts";

const config = configOrExit(() => readIdentityConfig(process.env));
const clock = () => new Date();
const log = createLogger(serviceName, config.LOG_LEVEL);

await runService(log, async () => {
  const database = openDatabase<Schema>({
    url: config.DATABASE_URL,
    applicationName: serviceName,
    poolSizeMax: config.DATABASE_POOL_MAX,
    statementTimeoutMs: config.CALL_TIMEOUT_MS,
    connectTimeoutMs: 5_000,
    onError: (error) => log.warn({ err: error }, "a database connection broke"),
  });
  await requireMigrated(database.db, migrations);
  const { security, enforcers } = connectPeers(config);
  const enforcerNames = enforcers.map(({ name }) => name);
  const server = await startIdentityServer({
    host: config.HOST,
    port: config.PORT,
    security,
    log,
    metrics: createMetrics(serviceName),
    probe: (signal) => database.ping(signal),
    deps: {
      accounts: createPostgresAccounts(database.db),
      serviceUsers: createPostgresServiceUsers(database.db),
      unitOfWork: createPostgresUnitOfWork(database.db, { clock, newId, enforcerNames }),
      outbox: createPostgresEnforcementOutbox(database.db),
      enforcers,
      clock,
      newId,
    },
  });
  const cleanup = startRequestCleanup(database.db, (error) => log.warn({ err: error }, "cleanup failed"));
  log.info({ host: config.HOST, port: server.port }, "listening");
  return {
    async close() {
      await Promise.all([server.close(config.SHUTDOWN_GRACE_MS), cleanup.stop()]);
      await database.close();
    },
  };
});
