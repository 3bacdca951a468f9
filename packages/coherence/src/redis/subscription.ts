import { setTimeout as delay } from "node:timers/promises";
import type { RedisConnection } from "@portcullis/redis";
import { Cluster, type Redis } from "ioredis";

export interface SubscriptionDeps {
  /** Where the nodes, and how to connect to them, are learned from. */
  readonly connection: RedisConnection;
  readonly channels: readonly string[];
  readonly onMessage: (channel: string, text: string) => void;
  /** Each time that messages come again: what was published before may be lost. */
  readonly onSubscribed: () => void;
  /** Told of every attempt that failed, and when the connection broke. */
  readonly onError: (error: unknown) => void;
}

const backoffMsMax = 1_000;

/**
 * Stays subscribed on a connection of its own, in a cluster to any of the nodes: each publishes what all are told.
 * ioredis would subscribe again by itself, but does not say when messages may have been lost, and in a cluster gives
 * up silently where it fails.
 */
export class Subscription {
  readonly #deps: SubscriptionDeps;
  readonly #closing = new AbortController();
  #client: Redis | undefined;
  #heardMs = 0;

  constructor(deps: SubscriptionDeps) {
    this.#deps = deps;
    void this.#run();
  }

  /** Looks for another connection if nothing has come for that long on this one. */
  expectMessageWithin(silenceMs: number): void {
    if (performance.now() - this.#heardMs > silenceMs) this.#client?.disconnect();
  }

  close(): void {
    this.#closing.abort();
    this.#client?.disconnect();
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    for (let failures = 0; !signal.aborted; failures++) {
      const startMs = performance.now();
      const error: unknown = await this.#subscribeOnce().catch((reason: unknown) => reason);
      if (signal.aborted) return;
      this.#deps.onError(error);
      if (performance.now() - startMs > 2 * backoffMsMax) failures = 0;
      const backoffMs = Math.min(backoffMsMax, 25 * 2 ** Math.min(failures, 10));
      await delay(backoffMs * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => {});
    }
  }

  /** Tells why it has ended. */
  async #subscribeOnce(): Promise<Error> {
    const client = newClient(this.#deps.connection);
    this.#client = client;
    try {
      // What goes wrong is told by connect and subscribe, or it ends.
      client.on("error", () => {});
      const ended = Promise.withResolvers<void>();
      client.once("end", ended.resolve);
      await client.connect();
      client.on("message", (channel, text) => {
        this.#heardMs = performance.now();
        this.#deps.onMessage(channel, text);
      });
      await client.subscribe(...this.#deps.channels);
      this.#heardMs = performance.now();
      this.#deps.onSubscribed();
      await ended.promise;
      return new Error("The subscription's connection to Redis was lost");
    } finally {
      client.disconnect();
    }
  }
}

function newClient({ client }: RedisConnection): Redis {
  // It ends when it fails, so that every new connection is seen.
  const options = { lazyConnect: true, retryStrategy: null, sentinelRetryStrategy: () => null };
  if (!(client instanceof Cluster)) return client.duplicate(options);
  const nodes = client.nodes("all");
  const node = nodes[Math.floor(Math.random() * nodes.length)];
  if (node === undefined) throw new Error("No node of the Redis cluster is known yet");
  return node.duplicate(options);
}
