import { Cluster, Redis, type RedisOptions } from "ioredis";

/** Where Redis is: one server (`redis://` or `rediss://`), a name watched by Sentinels, or a cluster. */
export type RedisTarget =
  | { readonly url: string }
  | {
      readonly sentinels: readonly { readonly host: string; readonly port: number }[];
      readonly name: string;
      readonly username?: string;
      readonly password?: string;
      readonly sentinelPassword?: string;
    }
  /** URLs of some nodes; user, password and TLS of the first hold for all. */
  | { readonly clusterNodes: readonly string[] };

export interface RedisConnectionOptions {
  /** Told once an outage, with its first error; not again until Redis was back. */
  readonly onError: (error: Error) => void;
  /** Told when Redis is back after an outage. */
  readonly onRecovery?: () => void;
  /** A command without an answer for this long fails. Default 1000. */
  readonly commandTimeoutMs?: number;
  /** Default 2000. */
  readonly connectTimeoutMs?: number;
}

export interface RedisConnection {
  /**
   * Commands fail at once while Redis is away and within `commandTimeoutMs` otherwise. A command whose
   * answer was lost fails and is never sent twice. It reconnects by itself, without end.
   */
  readonly client: Redis | Cluster;
  /** Resolves when commands can be sent; fails with the signal's reason. */
  ready(signal: AbortSignal): Promise<void>;
  /** One more connection like this one: for subscriptions, which take a connection for themselves. */
  duplicate(): RedisConnection;
  /** Waits shortly for the commands under way. May be repeated. */
  close(): Promise<void>;
}

/** Begins to connect and returns; `ready` tells when that is done. */
export function openRedis(target: RedisTarget, options: RedisConnectionOptions): RedisConnection {
  const client = connect(target, options);
  reportOutages(client, options);
  return {
    client,
    ready: (signal) => whenReady(client, signal),
    duplicate: () => openRedis(target, options),
    close: () => close(client),
  };
}

const reconnectDelayMs = (attempt: number) =>
  Math.min(2_000, 25 * 2 ** Math.min(attempt, 10)) * (0.5 + Math.random() / 2);

function connect(target: RedisTarget, options: RedisConnectionOptions): Redis | Cluster {
  const perNode = {
    commandTimeout: options.commandTimeoutMs ?? 1_000,
    connectTimeout: options.connectTimeoutMs ?? 2_000,
    // A master that became a replica; the new one is found by connecting again.
    reconnectOnError: (error) => error.message.startsWith("READONLY"),
  } satisfies RedisOptions;
  if ("clusterNodes" in target) return connectCluster(target.clusterNodes, perNode);
  const common = {
    ...perNode,
    enableOfflineQueue: false,
    // 0: what was under way when the connection broke fails, instead of being sent again.
    maxRetriesPerRequest: 0,
    retryStrategy: reconnectDelayMs,
  } satisfies RedisOptions;
  if ("url" in target) return new Redis(target.url, common);
  const { sentinels, name, username, password, sentinelPassword } = target;
  return new Redis({
    ...common,
    sentinels: sentinels.map(({ host, port }) => ({ host, port })),
    name,
    username,
    password,
    sentinelPassword,
    sentinelRetryStrategy: reconnectDelayMs,
    sentinelCommandTimeout: common.commandTimeout,
  });
}

type PerNode = Required<Pick<RedisOptions, "commandTimeout" | "connectTimeout" | "reconnectOnError">>;

function connectCluster(nodes: readonly string[], perNode: PerNode): Cluster {
  const urls = nodes.map((node) => new URL(node));
  const [first] = urls;
  if (first === undefined) throw new Error("A Redis cluster needs at least one node");
  return new Cluster(
    urls.map(({ hostname, port }) => ({ host: hostname, port: Number(port || 6_379) })),
    {
      enableOfflineQueue: false,
      clusterRetryStrategy: reconnectDelayMs,
      slotsRefreshTimeout: perNode.connectTimeout ?? 2_000,
      redisOptions: {
        ...perNode,
        ...(first.username === "" ? {} : { username: decodeURIComponent(first.username) }),
        ...(first.password === "" ? {} : { password: decodeURIComponent(first.password) }),
        ...(first.protocol === "rediss:" ? { tls: {} } : {}),
      },
    },
  );
}

function reportOutages(client: Redis | Cluster, { onError, onRecovery }: RedisConnectionOptions): void {
  let away = false;
  client.on("error", (error: Error) => {
    if (away) return;
    away = true;
    onError(error);
  });
  client.on("ready", () => {
    if (!away) return;
    away = false;
    onRecovery?.();
  });
}

async function whenReady(client: Redis | Cluster, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  if (client.status === "ready") return;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const onAbort = () => reject(signal.reason);
  const onEnd = () => reject(new Error("The Redis connection was closed"));
  client.once("ready", resolve);
  client.once("end", onEnd);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    await promise;
  } finally {
    client.off("ready", resolve);
    client.off("end", onEnd);
    signal.removeEventListener("abort", onAbort);
  }
}

async function close(client: Redis | Cluster): Promise<void> {
  if (client.status === "ready") await client.quit().catch(() => {});
  client.disconnect();
}
