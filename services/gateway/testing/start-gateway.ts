import { DomainError } from "@portcullis/errors";
import {
  type ApiKeyAuthenticator,
  createLogger,
  createMetrics,
  type RunningServer,
} from "@portcullis/service";
import { testWorkloadKey } from "@portcullis/service/testing";
import { addressList } from "../config.ts";
import { createGate } from "../edge/gate.ts";
import { AtOnce } from "../limits/at-once.ts";
import { createRateLimiter } from "../limits/rate-limiter.ts";
import { SlidingWindows } from "../limits/sliding-window.ts";
import type { ServiceUrls } from "../peers/clients.ts";
import { type GatewayServerOptions, startGatewayServer } from "../server.ts";

/** A key that the gateway under test takes, and the account that it is of. */
export const goodKey = "pcak_good";
export const accountId = "acct_01h455vb4pex5vsknk084sn02q";

/** Somebody whose key is `goodKey`; all others are refused. */
const authenticator: ApiKeyAuthenticator = {
  async authenticate(apiKey) {
    if (apiKey !== goodKey)
      throw new DomainError("CREDENTIALS_INVALID", "The API key or session is not valid.");
    return { kind: "principal", accountId, principalId: "user_1", credentialId: "cred_1" };
  },
};

export interface TestLimits {
  readonly accountMax?: number;
  readonly sourceMax?: number;
  readonly accountAtOnce?: number;
}

/** The gateway as it runs, in front of whatever listens there; limits are of this process alone. */
export function startTestGateway(
  urls: ServiceUrls,
  { accountMax = 1e6, sourceMax = 1e6, accountAtOnce = 1e4 }: TestLimits = {},
  options: Partial<GatewayServerOptions> = {},
): Promise<RunningServer> {
  const windows = new SlidingWindows(3_600_000);
  return startGatewayServer({
    host: "127.0.0.1",
    port: 0,
    urls,
    workloadKey: testWorkloadKey,
    publicOrigin: "https://api.example.test",
    gate: createGate({
      limiter: createRateLimiter({
        shared: { admit: async (key, max) => windows.admit(key, max, 0) },
        windowMs: 3_600_000,
        nowMs: () => 0,
        outage: { failed: () => {}, worked: () => {} },
      }),
      accountMax,
      sourceMax,
      accountAtOnce: new AtOnce(accountAtOnce),
      allAtOnce: new AtOnce(1e4),
      authenticator,
    }),
    corsOrigins: [],
    trustedProxies: addressList([]),
    metricsSources: addressList(["127.0.0.1"]),
    bodyLimits: { bytesMax: 100_000, timeoutMs: 5_000 },
    callTimeoutMs: 2_000,
    log: createLogger("gateway", "silent"),
    metrics: createMetrics("gateway"),
    now: () => new Date(),
    ...options,
  });
}
