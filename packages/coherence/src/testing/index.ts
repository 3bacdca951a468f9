import { randomUUID } from "node:crypto";
import type { Kysely } from "kysely";
import { systemClock } from "../clock.ts";
import { createPostgresAuthority } from "../postgres/authority.ts";
import type { CoherenceTables } from "../postgres/tables.ts";
import { Replica } from "../replica.ts";
import { ScopeTable } from "../scope-table.ts";
import { Settler } from "../settler.ts";
import type { Timing } from "../timing.ts";
import { createLocalChannel } from "./local-channel.ts";

/** One process's part in the protocol, without Redis. */
export interface LocalCoherence {
  readonly table: ScopeTable;
  readonly replica: Replica;
  readonly settler: Settler;
  readonly clock: typeof systemClock;
  readonly timing: Timing;
  close(): Promise<void>;
}

export interface LocalCoherenceOptions {
  /** Unlike that of any other replica of the same log. */
  readonly replica?: string;
  /** Default 150 milliseconds: what has to wait for one to end takes no time to speak of. */
  readonly leaseMs?: number;
}

/** On a real log in Postgres. Replicas of one log hear of each other there, with their syncs. */
export async function openLocalCoherence<S extends CoherenceTables>(
  db: Kysely<S>,
  kinds: ReadonlySet<string>,
  { replica: name = "test", leaseMs = 150 }: LocalCoherenceOptions = {},
): Promise<LocalCoherence> {
  const timing: Timing = { leaseMs, driftPpm: 500, marginMs: 5, jumpMsMax: 10_000 };
  const { channel, receiver } = createLocalChannel();
  const authority = createPostgresAuthority(db);
  const onError = () => {};
  const settler = new Settler({ authority, channel, clock: systemClock, onError }, timing);
  const table = new ScopeTable(kinds);
  const replica = new Replica(
    { authority, receiver, table, clock: systemClock, newIncarnation: randomUUID, onError },
    { replica: name, timing, mode: { kind: "strict" }, syncEntriesMax: 1_000 },
  );
  await replica.start();
  return {
    table,
    replica,
    settler,
    clock: systemClock,
    timing,
    close: () => replica.stop(AbortSignal.timeout(5_000)).catch(() => {}),
  };
}
