import process from "node:process";
import { openRedis } from "@portcullis/redis";
import { configOrExit, createLogger, createMetrics, parseWorkloadKey, runService } from "@portcullis/service";
import { addressList, publicOriginOf, readGatewayConfig, redisTargetOf } from "./config.ts";
import { createConfiguredGate } from "./edge/configured-gate.ts";
import { createOutageLog } from "./limits/outage-log.ts";
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
  const metrics = createMetrics(serviceName);
  const { gate, close: closePeers } = createConfiguredGate(config, redis, outage, metrics);
  const server = await startGatewayServer({
    host: config.HOST,
    port: config.PORT,
    urls: {
      identity: config.IDENTITY_URL,
      authorization: config.AUTHORIZATION_URL,
      credential: config.CREDENTIAL_URL,
    },
    workloadKey: parseWorkloadKey(config.WORKLOAD_KEY),
    publicOrigin: publicOriginOf(config),
    gate,
    corsOrigins: config.CORS_ORIGINS,
    trustedProxies: addressList(config.TRUSTED_PROXIES),
    metricsSources: addressList(config.METRICS_SOURCES),
    bodyLimits: { bytesMax: config.BODY_BYTES_MAX, timeoutMs: config.BODY_TIMEOUT_MS },
    callTimeoutMs: config.CALL_TIMEOUT_MS,
    log,
    metrics,
    now: () => new Date(),
  });
  log.info({ host: config.HOST, port: server.port }, "serving");
  return {
    async close() {
      await server.close(config.SHUTDOWN_GRACE_MS);
      closePeers();
      await redis.close();
    },
  };
});
