import type { MessageInitShape } from "@bufbuild/protobuf";
import type { Client } from "@connectrpc/connect";
import type {
  WatchRevocationsRequestSchema,
  WatchRevocationsResponse,
} from "@portcullis/contracts/portcullis/common/v1/watch_pb.ts";
import {
  VerificationResult as Result,
  type Verification,
  type VerificationService,
} from "@portcullis/contracts/portcullis/credential/v1/verification_pb.ts";
import { Outbox } from "@portcullis/service";

interface Remembered {
  readonly result: Result;
  readonly scopes: readonly string[];
  readonly untilMs: number;
}

export interface NearAnswer {
  readonly result: Result;
  readonly source: "memory" | "rpc";
}

const renewMs = 250;
const reconnectMs = 100;
const callMs = 3_000;

/**
 * A client's cache, as watch.proto says that one has to be, and no more: it answers from memory under a lease,
 * forgets what it is told to, and confirms.
 */
export class NearCache {
  readonly #client: Client<typeof VerificationService>;
  readonly #answers = new Map<string, Remembered>();
  /** Where each scope was last touched, of the present generation. */
  readonly #touched = new Map<string, number>();
  #generation = "";
  #floor = 0;
  #everythingTouchedAt = 0;
  #leaseUntilMs = 0;
  #nonce = 0n;
  readonly #sentMs = new Map<bigint, number>();
  readonly #closing = new AbortController();
  #running: Promise<void> | undefined;

  constructor(client: Client<typeof VerificationService>) {
    this.#client = client;
  }

  start(): void {
    this.#running = this.#run();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#running;
  }

  hasLease(): boolean {
    return performance.now() < this.#leaseUntilMs;
  }

  /** What is remembered for a token or key, at this moment. */
  recall(name: string): NearAnswer | undefined {
    const known = this.#answers.get(name);
    if (known === undefined || !this.hasLease() || performance.now() >= known.untilMs) return undefined;
    return { result: known.result, source: "memory" };
  }

  /** From memory, else by asking. */
  async verify(name: string, kind: "token" | "sshKey" = "token"): Promise<NearAnswer> {
    const known = this.recall(name);
    if (known !== undefined) return known;
    const sentMs = performance.now();
    const options = { timeoutMs: callMs };
    const { verification } =
      kind === "token"
        ? await this.#client.verifyToken({ token: name, forCache: true }, options)
        : await this.#client.verifySshKey({ publicKey: name, forCache: true }, options);
    const result = verification?.result ?? Result.UNSPECIFIED;
    if (verification !== undefined) this.#remember(name, verification, sentMs);
    return { result, source: "rpc" };
  }

  #remember(name: string, { result, cache, evaluatedRevision }: Verification, sentMs: number): void {
    if (cache === undefined || cache.generation !== this.#generation) return;
    const position = Number(evaluatedRevision);
    if (position < Math.max(this.#floor, this.#everythingTouchedAt)) return;
    if (cache.scopes.some((scope) => (this.#touched.get(scope) ?? 0) > position)) return;
    const untilMs = cache.ttlMs === 0 ? Number.POSITIVE_INFINITY : sentMs + cache.ttlMs;
    this.#answers.set(name, { result, scopes: cache.scopes, untilMs });
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      await this.#follow(signal).catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, reconnectMs));
    }
  }

  async #follow(signal: AbortSignal): Promise<void> {
    const requests = new Outbox<MessageInitShape<typeof WatchRevocationsRequestSchema>>(1_000_000);
    const renew = () => {
      const nonce = ++this.#nonce;
      this.#sentMs.set(nonce, performance.now());
      requests.push({ message: { case: "renew", value: { nonce } } });
    };
    renew();
    const timer = setInterval(renew, renewMs);
    try {
      for await (const response of this.#client.watchRevocations(requests, { signal })) {
        const position = this.#take(response);
        if (position !== undefined) {
          requests.push({ message: { case: "applied", value: { position, sessionsClosed: 0 } } });
        }
      }
    } finally {
      clearInterval(timer);
      requests.end();
      this.#sentMs.clear();
      // No changes come any more, but those that would have waited for the lease's end still do.
    }
  }

  /** The position to confirm. */
  #take({ message }: WatchRevocationsResponse): bigint | undefined {
    switch (message.case) {
      case "reset":
        this.#answers.clear();
        this.#touched.clear();
        this.#generation = message.value.generation;
        this.#floor = Number(message.value.position);
        this.#everythingTouchedAt = 0;
        return message.value.position;
      case "entry":
        this.#forget(message.value.scopes, Number(message.value.position));
        return message.value.position;
      case "lease": {
        const sentMs = this.#sentMs.get(message.value.nonce);
        this.#sentMs.delete(message.value.nonce);
        if (sentMs !== undefined)
          this.#leaseUntilMs = Math.max(this.#leaseUntilMs, sentMs + message.value.ttlMs);
        return undefined;
      }
      case undefined:
        return undefined;
    }
  }

  #forget(scopes: readonly string[], position: number): void {
    const touched = new Set(scopes);
    for (const scope of scopes) this.#touched.set(scope, position);
    if (touched.has("*")) this.#everythingTouchedAt = position;
    for (const [name, { scopes: tied }] of this.#answers) {
      if (touched.has("*") || tied.some((scope) => touched.has(scope))) this.#answers.delete(name);
    }
  }
}
