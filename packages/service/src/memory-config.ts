import { hostname } from "node:os";
import { z } from "zod";
import { urlOf } from "./config.ts";

/** Values with commas between. */
function listOf(item: z.ZodType<string, string>) {
  return z
    .string()
    .transform((text) => text.split(",").map((part) => part.trim()))
    .pipe(z.array(item));
}

/** Where Redis is: for services whose replicas tell each other of changes. */
export const redisConfig = {
  /** One server, or … */
  REDIS_URL: urlOf("redis", "rediss").optional(),
  /** … the URLs of some nodes of a cluster, with commas between, or … */
  REDIS_CLUSTER_NODES: listOf(urlOf("redis", "rediss")).optional(),
  /** … the Sentinels that watch it, `host:port` with commas between, and the name that they know it by. */
  REDIS_SENTINELS: listOf(z.string().regex(/^[^:]+:\d+$/, "must be host:port")).optional(),
  REDIS_SENTINEL_NAME: z.string().optional(),
  REDIS_PASSWORD: z.string().optional(),
} as const;

type RedisConfig = Readonly<z.infer<z.ZodObject<typeof redisConfig>>>;

/** For the `refine` of a schema with `redisConfig` in it: it says where Redis is in exactly one way. */
export const oneRedis = {
  check: (config: RedisConfig) =>
    [config.REDIS_URL, config.REDIS_CLUSTER_NODES, config.REDIS_SENTINELS].filter((way) => way !== undefined)
      .length === 1 && (config.REDIS_SENTINELS === undefined) === (config.REDIS_SENTINEL_NAME === undefined),
  params: {
    path: ["REDIS_URL"],
    message:
      "set exactly one of REDIS_URL, REDIS_CLUSTER_NODES, and REDIS_SENTINELS with REDIS_SENTINEL_NAME",
    // Also beside other problems: all are reported at once.
    when: ({ value }: { readonly value: unknown }) => typeof value === "object",
  },
};

/** Where Redis is, in the one way that the configuration says it. */
export function redisTargetOf(config: RedisConfig) {
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

/** How a service answers from memory; the same in all its replicas. (docs/revocation.md) */
export const memoryConfig = {
  /** What receipts call this replica; something that makes it unlike any other is added. */
  REPLICA_NAME: z
    .string()
    .regex(/^[\w.-]{1,100}$/, "must be up to 100 letters, digits, dots, dashes and underscores")
    .default(
      () =>
        hostname()
          .replaceAll(/[^\w.-]/g, "-")
          .slice(0, 100) || "replica",
    ),
  /** For how long what was learnt may be answered from memory without asking, in milliseconds. */
  LEASE_MS: z.coerce.number().int().min(100).max(60_000).default(1_000),
  /** `strict`, `linearizable`, or `bounded:<milliseconds>`. */
  MEMORY_MODE: z
    .string()
    .regex(
      /^(strict|linearizable|bounded:[1-9]\d{0,7})$/,
      "must be strict, linearizable or bounded:<milliseconds>",
    )
    .default("strict")
    .transform((text) => {
      if (text === "strict" || text === "linearizable") return { kind: text } as const;
      return { kind: "bounded", staleMsMax: Number(text.slice("bounded:".length)) } as const;
    }),
  /** What is remembered at most: so many things (of which, and of what they depend on, a Map holds 16 million) … */
  MEMORY_ENTRIES_MAX: z.coerce.number().int().min(0).max(5_000_000).default(200_000),
  /** … and so many mebibytes. */
  MEMORY_MIB_MAX: z.coerce.number().int().min(1).max(1_000_000).default(256),
} as const;
