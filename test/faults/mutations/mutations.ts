import type { FaultKind } from "../simulation/nemesis.ts";
import type { Edit } from "./load-mutant.ts";

export interface Mutation {
  /** What is taken out. */
  readonly name: string;
  /** The first one that finds it, at the time of writing: the search begins there. */
  readonly seed: number;
  /** The kinds of faults that it can't stand. */
  readonly faults: readonly FaultKind[];
  readonly edits: readonly Edit[];
}

/** What the protocol rests on, taken out one at a time: the simulation must find that. (revocation.md) */
export const mutations: readonly Mutation[] = [
  {
    name: "I1: memory answers whether the lease is over or not",
    seed: 1,
    faults: ["cut off slowly", "frozen"],
    edits: [
      {
        file: "lease.ts",
        line: "return this.remainingMs() > 0;",
        becomes: "return this.#start !== undefined && !this.#isSuspended;",
      },
    ],
  },
  {
    name: "I1: the lease counts from the end of the sync",
    seed: 6,
    faults: ["cut off slowly"],
    edits: [
      {
        file: "replica.ts",
        line: "if (gaps === this.#gaps) this.#lease.grant(start);",
        becomes: "if (gaps === this.#gaps) this.#lease.grant(start && momentOf(clock));",
      },
    ],
  },
  {
    name: "I2: a slow read is remembered although its scope was touched",
    seed: 11,
    faults: ["everything slow"],
    edits: [
      {
        file: "scope-table.ts",
        line: "if ((this.#recent.get(scope) ?? 0) > readAt.position) return undefined;",
        becomes: "if (scope === undefined) return undefined;",
      },
    ],
  },
  {
    name: "I2: what was forgotten of the touched scopes does not matter",
    seed: 20,
    faults: ["everything slow"],
    edits: [
      {
        file: "scope-table.ts",
        line: "if (position > this.#tieFloor) this.#tieFloor = position;",
        becomes: "if (position === undefined) this.#tieFloor = position;",
      },
    ],
  },
  {
    name: "I3: a writer waits for nine tenths of a lease",
    seed: 64,
    faults: ["cut off slowly", "authority cut", "channel cut"],
    edits: [
      {
        file: "timing.ts",
        line: "return leaseMs * (1 + (2 * timing.driftPpm) / 1_000_000) + timing.marginMs;",
        becomes: "return leaseMs * 0.9 + 0 * timing.driftPpm;",
      },
    ],
  },
  {
    name: "apply before ack: an answer does not look for what was acknowledged",
    seed: 33,
    faults: ["stalled"],
    edits: [
      {
        file: "replica.ts",
        line: "if (this.#deps.receiver.arrivals() !== this.#arrivalsSeen) this.#takeArrivals();",
        becomes: "",
      },
    ],
  },
  {
    name: "apply before ack: what is missing between two pushes is passed over",
    seed: 33,
    faults: ["channel lossy"],
    edits: [
      {
        file: "push-intake.ts",
        line: "if (scopes !== undefined && position === this.#position + 1) {",
        becomes: "if (scopes !== undefined) {",
      },
      {
        file: "replica.ts",
        line: "if (arrival.entry.position <= position + 1) {",
        becomes: "if (position >= 0) {",
      },
    ],
  },
  {
    name: "rule 2: the head is read first, then the replica registers",
    seed: 142,
    faults: ["slow start"],
    edits: [
      {
        file: "replica.ts",
        line: "this.#self ??= await this.#register(signal);",
        becomes:
          "const isNew = this.#self === undefined; this.#self ??= { replica: this.#options.replica, incarnation: this.#deps.newIncarnation() };",
      },
      {
        file: "replica.ts",
        line: "if (!answer.isRegistered) {",
        becomes:
          "if (isNew) await authority.register(self, this.#options.timing.leaseMs, signal); else if (!answer.isRegistered) {",
      },
    ],
  },
  {
    name: "rule 3: who is marked dead is skipped at once",
    seed: 3,
    faults: ["mute replica", "cut off slowly", "marked dead"],
    edits: [
      {
        file: "settler.ts",
        line: "return now - since >= leaseOverAfterMs(registration.leaseMs, this.#timing);",
        becomes: "return now >= since;",
      },
    ],
  },
  {
    name: "rule 3: who is marked dead is removed at once",
    seed: 5,
    faults: ["mute replica", "cut off slowly", "marked dead"],
    edits: [
      {
        file: "settler.ts",
        line: "clock.after(leaseOverAfterMs(registration.leaseMs, this.#timing), () => {",
        becomes: "clock.after(0, () => {",
      },
    ],
  },
  {
    name: "rule 3: a replica that is dead does not learn it",
    seed: 1,
    faults: ["mute replica", "marked dead"],
    edits: [
      { file: "replica.ts", line: "if (!answer.isRegistered) {", becomes: "if (answer === undefined) {" },
    ],
  },
  {
    name: "rule 4: a replica leaves before it stops answering",
    seed: 4,
    faults: ["replica leaves"],
    edits: [
      {
        file: "replica.ts",
        line: "await this.#syncing;",
        becomes: "if (this.#self !== undefined) await this.#deps.authority.unregister(this.#self, signal);",
      },
    ],
  },
  {
    name: "rule 5: writers don't wait in a new generation",
    seed: 13,
    faults: ["authority restored"],
    edits: [
      {
        file: "settler.ts",
        line: "return this.#generation.sinceMs + leaseOverAfterMs(this.#timing.leaseMs, this.#timing);",
        becomes: "return Number.NEGATIVE_INFINITY;",
      },
    ],
  },
  {
    name: "rule 5: a replica goes on with another generation's positions",
    seed: 1,
    faults: ["authority restored"],
    edits: [
      {
        file: "replica.ts",
        line: "if (applied === undefined || applied.generation !== head.generation) {",
        becomes: "if (applied === undefined) {",
      },
    ],
  },
  {
    name: "two clocks: only the monotonic one counts",
    seed: 2,
    faults: ["suspended"],
    edits: [
      {
        file: "lease.ts",
        line: "return this.#leaseMs - (wallElapsed > elapsed ? wallElapsed : elapsed);",
        becomes: "return this.#leaseMs - elapsed;",
      },
      {
        file: "lease.ts",
        line: "if (apart > this.#timing.jumpMsMax || apart < -this.#timing.jumpMsMax) {",
        becomes: "if (apart === Number.NEGATIVE_INFINITY) {",
      },
    ],
  },
  {
    name: "two clocks: only the wall clock counts",
    seed: 23,
    faults: ["wall clock set"],
    edits: [
      {
        file: "lease.ts",
        line: "return this.#leaseMs - (wallElapsed > elapsed ? wallElapsed : elapsed);",
        becomes: "return this.#leaseMs - wallElapsed;",
      },
      {
        file: "lease.ts",
        line: "if (apart > this.#timing.jumpMsMax || apart < -this.#timing.jumpMsMax) {",
        becomes: "if (apart === Number.NEGATIVE_INFINITY) {",
      },
    ],
  },
  {
    name: "followers: a replica acknowledges before they have",
    seed: 1,
    faults: ["stream broken"],
    edits: [
      {
        file: "replica.ts",
        line: "return this.#followers.settledUpTo(this.position, this.#deps.clock.monotonicMs());",
        becomes: "return this.position;",
      },
    ],
  },
  {
    name: "followers: their lease is not waited for, only their word is noted",
    seed: 1,
    faults: ["stream broken", "stalled"],
    edits: [
      {
        file: "cache-follower.ts",
        line: "return this.#leaseOverAt > this.#deps.clock.monotonicMs() ? this.#leaseOverAt : undefined;",
        becomes: "return undefined;",
      },
    ],
  },
  {
    name: "followers: a lease counts from when it is received",
    seed: 21,
    faults: ["everything slow", "stream broken"],
    edits: [
      {
        file: "followed-log.ts",
        line: "if (asked !== undefined && ttlMs > 0) this.#lease.grant(asked, ttlMs);",
        becomes: "if (asked !== undefined && ttlMs > 0) this.#lease.grant(momentOf(this.#clock), ttlMs);",
      },
    ],
  },
  {
    name: "followers: their leases last as long as if the replica had just synced",
    seed: 2,
    faults: ["cut off slowly", "stalled"],
    edits: [
      {
        file: "replica.ts",
        line: "return this.isCurrent() ? this.#lease.remainingMs() : 0;",
        becomes: "return this.isCurrent() ? this.#options.timing.leaseMs : 0;",
      },
    ],
  },
  {
    name: "followers: one whose connection broke is not waited for",
    seed: 2,
    faults: ["stream broken"],
    edits: [
      {
        file: "cache-follower.ts",
        line: "if (this.#waitedForUntil() === undefined) replica.removeFollower(this);",
        becomes: "if (replica !== undefined) replica.removeFollower(this);",
      },
      {
        file: "cache-follower.ts",
        line: "clock.after(remainingMs, () => {",
        becomes: "clock.after(0 * remainingMs, () => {",
      },
    ],
  },
  {
    name: "followers: nobody waits until they have forgotten what the replica has",
    seed: 248,
    faults: ["marked dead", "stalled"],
    edits: [
      {
        file: "followers.ts",
        line: "this.#pending = until.size > 0 ? [{ position: to.position, settled: -1, until }] : [];",
        becomes: "this.#pending = [];",
      },
    ],
  },
  {
    name: "followers: a replica that has started anew is not asked for theirs",
    seed: 23,
    faults: ["marked dead", "stalled"],
    edits: [
      {
        file: "settler.ts",
        line: "else required.current = nameOf(registration);",
        becomes: "else if (required.current !== nameOf(registration)) outstanding.delete(replica);",
      },
    ],
  },
  {
    name: "followers: a replica leaves before theirs are over",
    seed: 11,
    faults: ["replica leaves", "stalled"],
    edits: [{ file: "replica.ts", line: "await this.#stopFollowers(applied, signal);", becomes: "" }],
  },
  {
    name: "signatures: whatever comes by the channel is believed",
    seed: 10,
    faults: ["message repeated or forged"],
    edits: [
      {
        file: "push.ts",
        line: "if (claimed.length !== digest.length || !timingSafeEqual(claimed, digest)) return [];",
        becomes: "if (claimed === undefined || !timingSafeEqual(digest, digest)) return [];",
      },
    ],
  },
];
