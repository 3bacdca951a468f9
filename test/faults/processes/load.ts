import { setTimeout as delay } from "node:timers/promises";
import type { Enforcement } from "@portcullis/contracts/portcullis/common/v1/receipt_pb.ts";
import { VerificationResult as Result } from "@portcullis/contracts/portcullis/credential/v1/verification_pb.ts";
import type { Cluster, Replica } from "./cluster.ts";
import type { History } from "./history.ts";
import type { Measurements } from "./measurements.ts";
import { NearCache } from "./near-cache.ts";
import type { Random } from "./random.ts";
import { type Admin, createVictim, principalOf, type Subject } from "./subjects.ts";

export interface LoadDeps {
  readonly cluster: Cluster;
  readonly history: History;
  readonly measurements: Measurements;
  readonly random: Random;
  readonly subjects: readonly [Subject, ...Subject[]];
  /** Keeps its access: for credentials that are revoked one by one. */
  readonly steady: Subject;
  readonly admin: Admin;
  /** Whether somebody is out of order at this moment: the replica, or what all depend on. */
  readonly isDisturbed: (replica: Replica) => boolean;
}

const callMs = 3_000;
/** Short: what a replica that is cut off does not know is answered by nobody. */
const verifyMs = 1_000;
const batchSize = 16;
/** As many memory answers of a cache are looked at, one after the other, before others get their turn. */
const nearBatch = 60;

/** Clients of the replicas and writers, until they are told to stop. */
export class Load {
  readonly #deps: LoadDeps;
  readonly #stopping = new AbortController();
  readonly #running: Promise<void>[] = [];
  /** Tokens that are revoked while they are verified. */
  readonly #victims = new Map<string, string>();
  readonly #caches = new Map<Replica, NearCache>();
  readonly #probing = new Set<Promise<void>>();

  constructor(deps: LoadDeps) {
    this.#deps = deps;
  }

  start(verifiersPerReplica: number, writers: number): void {
    const { cluster, subjects } = this.#deps;
    for (const replica of cluster.replicas) {
      for (let index = 0; index < verifiersPerReplica; index++) this.#loop(() => this.#verifyOnce(replica));
      this.#follow(replica);
    }
    for (let writer = 0; writer < writers; writer++) {
      const own = subjects.filter((_, index) => index % writers === writer);
      this.#loop(() => this.#changeOnce(own));
    }
    this.#loop(() => this.#revokeOnce());
  }

  /** Resolves when all that was under way has ended; every change that was begun has its receipt. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#running);
    await Promise.all(this.#probing);
  }

  /** That each replica says of each subject what was asked for last. */
  async disagreements(): Promise<readonly string[]> {
    const { cluster, subjects } = this.#deps;
    const found: string[] = [];
    for (const { name, isUp, clients } of cluster.replicas) {
      if (!isUp) continue;
      const requests = subjects.map(({ token }) => ({ token }));
      const { verifications } = await clients.verification.batchVerifyTokens({ requests });
      for (const [index, subject] of subjects.entries()) {
        const isValid = verifications[index]?.result === Result.VALID;
        if (isValid !== (subject.version % 2 === 1)) found.push(`${name}: ${subject.id}`);
      }
    }
    return found;
  }

  #loop(once: () => Promise<void>): void {
    const run = async () => {
      while (!this.#stopping.signal.aborted) await once();
    };
    this.#running.push(run());
  }

  async #verifyOnce(replica: Replica): Promise<void> {
    if (!replica.isUp) return delay(50);
    const { random, subjects } = this.#deps;
    // By either door.
    const verification = random.next() < 0.5 ? replica.clients.verification : replica.dataPlane;
    const options = { timeoutMs: verifyMs };
    const draw = random.next();
    if (draw < 0.55) {
      const asked = this.#anyToken();
      await this.#measure(replica, "VerifyToken", [asked.subject], async () => [
        (await verification.verifyToken({ token: asked.token }, options)).verification?.result,
      ]);
    } else if (draw < 0.75) {
      const { id, publicKey } = random.pick(subjects);
      await this.#measure(replica, "VerifySshKey", [id], async () => [
        (await verification.verifySshKey({ publicKey }, options)).verification?.result,
      ]);
    } else {
      const asked = Array.from({ length: batchSize }, () => this.#anyToken());
      const names = asked.map(({ subject }) => subject);
      await this.#measure(replica, "BatchVerifyTokens", names, async () => {
        const requests = asked.map(({ token }) => ({ token }));
        const { verifications } = await verification.batchVerifyTokens({ requests }, options);
        return verifications.map(({ result }) => result);
      });
    }
  }

  /** A subject's, or one that is about to be revoked. */
  #anyToken(): { readonly subject: string; readonly token: string } {
    const { random, subjects } = this.#deps;
    const victims = [...this.#victims];
    const [first, ...rest] = victims;
    if (first !== undefined && random.next() < 0.2) {
      const [credentialId, token] = random.pick([first, ...rest]);
      return { subject: credentialId, token };
    }
    const { id, token } = random.pick(subjects);
    return { subject: id, token };
  }

  async #measure(
    replica: Replica,
    source: string,
    asked: readonly string[],
    ask: () => Promise<readonly (Result | undefined)[]>,
  ): Promise<void> {
    const startMs = performance.now();
    let results: readonly (Result | undefined)[] | undefined;
    try {
      results = await ask();
    } catch (error) {
      this.#deps.measurements.failed(error);
      // Else a replica that is away is asked in a circle.
      await delay(20);
    }
    const endMs = performance.now();
    for (const [index, subject] of asked.entries()) {
      this.#record(replica.name, source, subject, startMs, endMs, results?.[index]);
    }
  }

  #record(
    by: string,
    source: string,
    subject: string,
    startMs: number,
    endMs: number,
    result: Result | undefined,
  ): void {
    const { history, measurements } = this.#deps;
    if (result !== undefined) measurements.verified(source, endMs - startMs);
    const outcome = result === undefined ? "unavailable" : result === Result.VALID ? "valid" : "refused";
    history.verified({ kind: "verify", subject, by, startMs, endMs, outcome, source });
  }

  /** A client's cache that follows this replica, and is asked all the time. */
  #follow(replica: Replica): void {
    const cache = new NearCache(replica.clients.verification);
    cache.start();
    this.#caches.set(replica, cache);
    const run = async () => {
      while (!this.#stopping.signal.aborted) {
        for (let index = 0; index < nearBatch; index++) {
          const { subject, token } = this.#anyToken();
          this.#recall(replica, cache, subject, token);
        }
        // One that it may not know, so that it does afterwards.
        if (replica.isUp) {
          const { subject, token } = this.#anyToken();
          await this.#measure(replica, "VerifyToken for a cache", [subject], async () => [
            (await cache.verify(token)).result,
          ]);
        }
        await delay(20);
      }
      await cache.close();
    };
    this.#running.push(run());
  }

  #recall(replica: Replica, cache: NearCache, subject: string, token: string): void {
    const startMs = performance.now();
    const known = cache.recall(token);
    if (known === undefined) return;
    this.#record(replica.name, "client's cache", subject, startMs, performance.now(), known.result);
  }

  /** Asked everywhere at the worst moment: right after the receipt. */
  #probe(subject: string, token: string): void {
    for (const [replica, cache] of this.#caches) {
      this.#recall(replica, cache, subject, token);
      if (!replica.isUp) continue;
      const { verification } = replica.clients;
      const probe = this.#measure(replica, "VerifyToken after the receipt", [subject], async () => [
        (await verification.verifyToken({ token }, { timeoutMs: verifyMs })).verification?.result,
      ]).finally(() => this.#probing.delete(probe));
      this.#probing.add(probe);
    }
  }

  /** Takes access and gives it back, or the other way round; sometimes without waiting in between. */
  async #changeOnce(own: readonly Subject[]): Promise<void> {
    const { random } = this.#deps;
    const subject = own[Math.floor(random.next() * own.length)];
    if (subject === undefined) return delay(50);
    if (random.next() < 0.15) {
      // In a hurry: the next is asked for while the one before is under way.
      await Promise.all([this.#change(subject), this.#change(subject), this.#change(subject)]);
    } else {
      await this.#change(subject);
    }
    await delay(random.between(0, 120));
  }

  async #change(subject: Subject): Promise<void> {
    const version = ++subject.version;
    const kind = version % 2 === 1 ? "give" : "take";
    const principal = principalOf(subject, version);
    await this.#untilReceipt(subject.id, subject.token, version, kind, async (replica) => {
      const { enforcement } = await replica.clients.enforcement.applyPrincipal(
        { principal },
        { timeoutMs: callMs },
      );
      return enforcement;
    });
  }

  async #revokeOnce(): Promise<void> {
    const { random, steady: owner } = this.#deps;
    const replica = this.#someReplica();
    const victim = await createVictim(replica.clients, owner).catch(() => undefined);
    if (victim === undefined) return delay(200);
    const { credentialId, token } = victim;
    this.#victims.set(credentialId, token);
    await delay(random.between(50, 400));
    const { accountId, apiKey } = this.#deps.admin;
    const headers = { authorization: `Bearer ${apiKey}` };
    // The same request wherever it is sent: it is done once.
    const request = { accountId, credentialId, requestId: `revoke-${credentialId.slice(5)}` };
    await this.#untilReceipt(credentialId, token, 2, "take", async ({ clients }) => {
      const { receipt } = await clients.credentials.revokeCredential(request, { headers, timeoutMs: callMs });
      return receipt?.statement?.enforcements[0];
    });
    // A while later it is still asked about.
    void delay(3_000).then(() => this.#victims.delete(credentialId));
  }

  /** Asks one replica after the other until one has the receipt. */
  async #untilReceipt(
    subject: string,
    token: string,
    number: number,
    kind: "take" | "give",
    attempt: (replica: Replica) => Promise<Enforcement | undefined>,
  ): Promise<void> {
    const { history, measurements, isDisturbed } = this.#deps;
    history.changeStarts(subject, number, kind);
    for (;;) {
      const replica = this.#someReplica();
      const wasDisturbed = isDisturbed(replica);
      const startMs = performance.now();
      const common = { kind, subject, by: replica.name, startMs } as const;
      try {
        const enforcement = await attempt(replica);
        const endMs = performance.now();
        history.changed({ ...common, endMs, outcome: "ok" }, number);
        measurements.receipt(enforcement, endMs - startMs, wasDisturbed || isDisturbed(replica));
        this.#probe(subject, token);
        if (kind === "take") measurements.revocations++;
        return;
      } catch (error) {
        history.changed({ ...common, endMs: performance.now(), outcome: "unknown" }, number);
        measurements.failed(error);
        await delay(30);
      }
    }
  }

  /** Mostly one that is in order: else all writers would soon wait for one that is not. */
  #someReplica(): Replica {
    const { random, cluster, isDisturbed } = this.#deps;
    const up = cluster.replicas.filter(({ isUp }) => isUp);
    const inOrder = up.filter((replica) => !isDisturbed(replica));
    const [first, ...rest] = inOrder.length > 0 && random.next() < 0.9 ? inOrder : up;
    if (first === undefined) throw new Error("no replica is up");
    return random.pick([first, ...rest]);
  }
}
