import type { RedisTarget } from "@portcullis/redis";
import { commonConfig, readConfig, receiptConfig, urlOf } from "@portcullis/service";
import { z } from "zod";

/** Values with commas between. */
function listOf(item: z.ZodType<string, string>) {
  return z
    .string()
    .transform((text) => text.split(",").map((part) => part.trim()))
    .pipe(z.array(item));
}

const fields = z.object({
  ...commonConfig,
  ...receiptConfig,
  /** Where the authorization service's control plane listens. */
  AUTHORIZATION_URL: urlOf("http", "https"),
  /** Where the identity service's control plane listens. */
  IDENTITY_URL: urlOf("http", "https"),
  /** Where replicas share their counts of failed attempts: one server, or … */
  REDIS_URL: urlOf("redis", "rediss").optional(),
  /** … the URLs of some nodes of a cluster, with commas between, or … */
  REDIS_CLUSTER_NODES: listOf(urlOf("redis", "rediss")).optional(),
  /** … the Sentinels that watch it, `host:port` with commas between, and the name that they know it by. */
  REDIS_SENTINELS: listOf(z.string().regex(/^[^:]+:\d+$/, "must be host:port")).optional(),
  REDIS_SENTINEL_NAME: z.string().optional(),
  REDIS_PASSWORD: z.string().optional(),
  /** How long another service may take to answer, in milliseconds. */
  PEER_TIMEOUT_MS: z.coerce.number().int().min(100).max(60_000).default(5_000),
});

const schema = fields.refine(
  (config) =>
    [config.REDIS_URL, config.REDIS_CLUSTER_NODES, config.REDIS_SENTINELS].filter((way) => way !== undefined)
      .length === 1 && (config.REDIS_SENTINELS === undefined) === (config.REDIS_SENTINEL_NAME === undefined),
  {
    path: ["REDIS_URL"],
    message:
      "set exactly one of REDIS_URL, REDIS_CLUSTER_NODES, and REDIS_SENTINELS with REDIS_SENTINEL_NAME",
    // Also beside other problems: all are reported at once.
    when: ({ value }) => typeof value === "object",
  },
);

/** The credential service's configuration. */
export type CredentialConfig = Readonly<z.infer<typeof schema>>;

/** Reads it from environment variables; ConfigError names every problem. */
export function readCredentialConfig(
  environment: Readonly<Record<string, string | undefined>>,
): CredentialConfig {
  return readConfig(schema, environment);
}

/** Where Redis is, in the one way that the configuration says it. */
export function redisTargetOf(config: CredentialConfig): RedisTarget {
  const { REDIS_URL: url, REDIS_CLUSTER_NODES: clusterNodes, REDIS_SENTINELS: sentinels } = config;
  if (url !== undefined) return { url };
  if (clusterNodes !== undefined) return { clusterNodes };
  return {
    sentinels: (sentinels ?? []).map((address) => {
      const [host = "", port = ""] = address.split(":");
      return { host, port: Number(port) };
    }),
    name: config.REDIS_SENTINEL_NAME ?? "",
    ...(config.REDIS_PASSWORD === undefined ? {} : { password: config.REDIS_PASSWORD }),
  };
}
