import { randomBytes } from "node:crypto";
import { openDatabase, requireMigrated, startRequestCleanup } from "@portcullis/postgres";
import { configOrExit, createLogger, createMetrics, newId, runService } from "@portcullis/service";
import { startBackground } from "./background.ts";
import { readIdentityConfig } from "./config.ts";
import { createMailer } from "./mail/create-mailer.ts";
import { connectPeers, serviceName } from "./peers/connect.ts";
import { createReceipts } from "./receipts.ts";
import { createArgon2Passwords } from "./secrets/argon2-passwords.ts";
import { totpCodes } from "./secrets/otplib-totp-codes.ts";
import { createSignInAttempts } from "./secrets/sign-in-attempts.ts";
import { startIdentityServer } from "./server.ts";
import { createStores } from "./store/create-stores.ts";
import { migrations } from "./store/migrations/index.ts";
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
  const { security, enforcers, sessions, memberGuard, grantPolicy } = connectPeers(config);
  const enforcerNames = enforcers.map(({ name }) => name);
  const mailer = createMailer({
    smtpUrl: config.SMTP_URL,
    from: config.MAIL_FROM,
    folder: config.MAIL_FOLDER,
    newId,
    onWritten: (mail) => log.info(mail, "development: a mail was written to a file; its link works once"),
  });
  const deps = {
    ...createStores(database.db, { clock, newId, enforcerNames }),
    enforcers,
    sessions,
    memberGuard,
    grantPolicy,
    passwords: await createArgon2Passwords({ concurrencyMax: config.PASSWORD_CONCURRENCY }),
    totpCodes,
    signInAttempts: createSignInAttempts(() => performance.now()),
    mailer,
    publicUrl: config.PUBLIC_URL.replace(/\/$/, ""),
    receipts: createReceipts(config.RECEIPT_SIGNING_KEYS, database.db, log),
    randomBytes,
    clock,
    newId,
  };
  const server = await startIdentityServer({
    host: config.HOST,
    port: config.PORT,
    security,
    log,
    metrics: createMetrics(serviceName),
    probe: (signal) => database.ping(signal),
    deps,
  });
  const background = startBackground(deps, log);
  const cleanup = startRequestCleanup(database.db, (error) => log.warn({ err: error }, "cleanup failed"));
  log.info({ host: config.HOST, port: server.port }, "listening");
  return {
    async close() {
      await Promise.all([server.close(config.SHUTDOWN_GRACE_MS), cleanup.stop()]);
      await background.stop();
      mailer.close();
      await database.close();
    },
  };
});
