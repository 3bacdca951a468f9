import { BlockList, isIPv6 } from "node:net";
import type { RedisTarget } from "@portcullis/redis";
import { commonConfig, peerMemoryConfig, readConfig, urlOf } from "@portcullis/service";
import { z } from "zod";

/** Values with commas between. */
function listOf<Item>(item: z.ZodType<Item, string>) {
  return z
    .string()
    .transform((text) => text.split(",").map((part) => part.trim()))
    .pipe(z.array(item));
}

const count = (max: number) => z.coerce.number().int().min(1).max(max);

/** An address or a range of addresses. */
const range = z.string().refine((text) => addRange(new BlockList(), text), {
  message: "must be addresses or ranges such as 10.0.0.0/8, with commas between",
});

/** `https://api.example.com`, and nothing after it. */
const origin = z
  .string()
  .refine((text) => /^https?:\/\//.test(text) && URL.canParse(text) && new URL(text).origin === text, {
    message: "must be an origin such as https://api.example.com, without a path or a slash at its end",
  });

const fields = z.object({
  HOST: commonConfig.HOST,
  PORT: commonConfig.PORT,
  WORKLOAD_KEY: commonConfig.WORKLOAD_KEY,
  LOG_LEVEL: commonConfig.LOG_LEVEL,
  SHUTDOWN_GRACE_MS: commonConfig.SHUTDOWN_GRACE_MS,
  CALL_TIMEOUT_MS: commonConfig.CALL_TIMEOUT_MS,
  ...peerMemoryConfig,
  /** Where the services listen. */
  IDENTITY_URL: urlOf("http", "https"),
  AUTHORIZATION_URL: urlOf("http", "https"),
  CREDENTIAL_URL: urlOf("http", "https"),
  /** What clients call this server by: the beginning of every URI in an answer. Default: where it listens. */
  PUBLIC_ORIGIN: origin.optional(),
  /** Where replicas count requests together: one server, or … */
  REDIS_URL: urlOf("redis", "rediss").optional(),
  /** … the URLs of some nodes of a cluster, with commas between, or … */
  REDIS_CLUSTER_NODES: listOf(urlOf("redis", "rediss")).optional(),
  /** … the Sentinels that watch it, `host:port` with commas between, and the name that they know it by. */
  REDIS_SENTINELS: listOf(z.string().regex(/^[^:]+:\d+$/, "must be host:port")).optional(),
  REDIS_SENTINEL_NAME: z.string().optional(),
  REDIS_PASSWORD: z.string().optional(),
  /** Proxies in front of this server, whose word about where a request comes from is taken. */
  TRUSTED_PROXIES: listOf(range).default([]),
  /** From where /metrics may be read. */
  METRICS_SOURCES: listOf(range).default([
    "127.0.0.0/8",
    "::1",
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "fc00::/7",
  ]),
  /** Origins whose pages may call this server, `*` for any; none by default. */
  CORS_ORIGINS: listOf(z.union([z.literal("*"), origin])).default([]),
  /** REST requests of an account within the window … */
  ACCOUNT_REQUESTS_MAX: count(1e9).default(120),
  /** … and requests of all kinds from a source, … */
  SOURCE_REQUESTS_MAX: count(1e9).default(1_200),
  /** … which is this long, in milliseconds. */
  REQUESTS_WINDOW_MS: count(3_600_000).default(60_000),
  /** REST requests of an account at once, and of everybody. Of this replica. */
  ACCOUNT_REQUESTS_AT_ONCE_MAX: count(10_000).default(40),
  REQUESTS_AT_ONCE_MAX: count(100_000).default(1_000),
  /** A REST body is at most this long, in bytes, and arrives within this time, in milliseconds. */
  BODY_BYTES_MAX: count(16_777_216).default(262_144),
  BODY_TIMEOUT_MS: count(600_000).default(10_000),
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

/** The gateway's configuration. */
export type GatewayConfig = Readonly<z.infer<typeof schema>>;

/** Reads it from environment variables; ConfigError names every problem. */
export function readGatewayConfig(environment: Readonly<Record<string, string | undefined>>): GatewayConfig {
  return readConfig(schema, environment);
}

/** Where Redis is, in the one way that the configuration says it. */
export function redisTargetOf(config: GatewayConfig): RedisTarget {
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

/** A list that knows its addresses again. */
export function addressList(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const text of ranges) addRange(list, text);
  return list;
}

function addRange(list: BlockList, text: string): boolean {
  const [address = "", bits, ...rest] = text.split("/");
  const family = isIPv6(address) ? "ipv6" : "ipv4";
  try {
    if (bits === undefined) list.addAddress(address, family);
    else if (rest.length > 0 || !/^\d{1,3}$/.test(bits)) return false;
    else list.addSubnet(address, Number(bits), family);
    return true;
  } catch {
    return false;
  }
}

/** What clients call this server by. */
export function publicOriginOf({ PUBLIC_ORIGIN, HOST, PORT }: GatewayConfig): string {
  return PUBLIC_ORIGIN ?? `http://${HOST.includes(":") ? `[${HOST}]` : HOST}:${PORT}`;
}
