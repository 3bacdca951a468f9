import process from "node:process";
import { VerificationService } from "@portcullis/contracts/portcullis/credential/v1/verification_pb.ts";
import { openRedis } from "@portcullis/redis";
import {
  configOrExit,
  createLogger,
  createMetrics,
  createPeerClient,
  createRemoteAuthenticator,
  parseWorkloadKey,
  runService,
} from "@portcullis/service";
import { addressList, publicOriginOf, readGatewayConfig, redisTargetOf } from "./config.ts";
import { createGate } from "./edge/gate.ts";
import { AtOnce } from "./limits/at-once.ts";
import { createOutageLog } from "./limits/outage-log.ts";
import { createRateLimiter } from "./limits/rate-limiter.ts";
import { createRedisWindows } from "./limits/redis-window.ts";
import { startGatewayServer } from "./server.ts";

const serviceName = "gateway";
const config = configOrExit(() => readGatewayConfig(process.env));
const log = createLogger(serviceName, config.LOG_LEVEL);

await runService(log, async () => {
  const outage = createOutageLog(log);
  const redis = openRedis(redisTargetOf(config), {
    onError: outage.failed,
    onRecovery: outage.worked,
    commandTimeoutMs: 250,
  });
  const peer = { peerName: "credential", ownName: serviceName, timeoutMs: config.CALL_TIMEOUT_MS };
  const workloadKey = parseWorkloadKey(config.WORKLOAD_KEY);
  const verification = createPeerClient(VerificationService, {
    ...peer,
    baseUrl: config.CREDENTIAL_URL,
    workloadKey,
  });
  const windowMs = config.REQUESTS_WINDOW_MS;
  const server = await startGatewayServer({
    host: config.HOST,
    port: config.PORT,
    urls: {
      identity: config.IDENTITY_URL,
      authorization: config.AUTHORIZATION_URL,
      credential: config.CREDENTIAL_URL,
    },
    publicOrigin: publicOriginOf(config),
    gate: createGate({
      limiter: createRateLimiter({
        shared: createRedisWindows(redis, windowMs),
        windowMs,
        nowMs: () => performance.now(),
        outage,
      }),
      accountMax: config.ACCOUNT_REQUESTS_MAX,
      sourceMax: config.SOURCE_REQUESTS_MAX,
      accountAtOnce: new AtOnce(config.ACCOUNT_REQUESTS_AT_ONCE_MAX),
      allAtOnce: new AtOnce(config.REQUESTS_AT_ONCE_MAX),
      authenticator: createRemoteAuthenticator(verification),
    }),
    corsOrigins: config.CORS_ORIGINS,
    trustedProxies: addressList(config.TRUSTED_PROXIES),
    metricsSources: addressList(config.METRICS_SOURCES),
    bodyLimits: { bytesMax: config.BODY_BYTES_MAX, timeoutMs: config.BODY_TIMEOUT_MS },
    callTimeoutMs: config.CALL_TIMEOUT_MS,
    log,
    metrics: createMetrics(serviceName),
    now: () => new Date(),
  });
  log.info({ host: config.HOST, port: server.port }, "serving");
  return {
    async close() {
      await server.close(config.SHUTDOWN_GRACE_MS);
      await redis.close();
    },
  };
});
