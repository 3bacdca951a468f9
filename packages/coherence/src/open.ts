import { randomUUID } from "node:crypto";
import type { RedisTarget } from "@portcullis/redis";
import type { Kysely } from "kysely";
import type { Authority } from "./authority.ts";
import { type Clock, systemClock } from "./clock.ts";
import { createPostgresAuthority } from "./postgres/authority.ts";
import type { CoherenceTables } from "./postgres/tables.ts";
import { createRedisChannel } from "./redis/channel.ts";
import type { WarmKeys } from "./redis/warm-store.ts";
import { type Mode, Replica } from "./replica.ts";
import { ScopeTable } from "./scope-table.ts";
import { Settler } from "./settler.ts";
import { defaultTiming, type Timing } from "./timing.ts";

export interface CoherenceOptions<S extends CoherenceTables> {
  /** On the primary. A small pool of its own with a short statement timeout: a sync must not wait behind requests. */
  readonly db: Kysely<S>;
  readonly redis: RedisTarget;
  /** Whose log it is. */
  readonly service: string;
  /** For receipts and people: e.g. the host's name. What makes it unlike any other is added. */
  readonly replica: string;
  /** The kinds of scopes that values can depend on here. */
  readonly kinds: ReadonlySet<string>;
  /** Default `strict`. */
  readonly mode?: Mode;
  /** The same in every process. Default: the design's. */
  readonly timing?: Timing;
  /** Of so many touched scopes it is remembered when. Default 65,536. */
  readonly recentMax?: number;
  /** A replica that is further behind forgets everything. Default 1,000 entries. */
  readonly syncEntriesMax?: number;
  /** Told when the authority can't be reached, every time. */
  readonly onError: (error: unknown) => void;
  /** Told once an outage: writers wait for leases to end instead of acknowledgements. */
  readonly onChannelOutage: (error: unknown) => void;
  readonly onChannelRecovery?: () => void;
}

/** This process's part in the protocol. */
export interface Coherence {
  /** What remembered values are tied to: for CoherentCache. */
  readonly table: ScopeTable;
  readonly replica: Replica;
  readonly settler: Settler;
  readonly clock: Clock;
  readonly timing: Timing;
  /** What warm records are sealed with; undefined until the authority was reached. */
  warmKeys(): WarmKeys | undefined;
  /** Once for all: first memory is not used any more, then writers are told so, then nothing is listened to. */
  close(signal: AbortSignal): Promise<void>;
}

/** Resolves after the first attempt to reach the authority; one that failed is repeated, and memory is not used till then. */
export async function openCoherence<S extends CoherenceTables>(
  options: CoherenceOptions<S>,
): Promise<Coherence> {
  const { onError, timing = defaultTiming } = options;
  const redis = createRedisChannel({
    target: options.redis,
    service: options.service,
    onOutage: options.onChannelOutage,
    ...(options.onChannelRecovery === undefined ? {} : { onRecovery: options.onChannelRecovery }),
  });
  const stored = createPostgresAuthority(options.db);
  const settler = new Settler(
    { authority: stored, channel: redis.channel, clock: systemClock, onError },
    timing,
  );
  let warmKeys: WarmKeys | undefined;
  const authority: Authority = {
    ...stored,
    async sync(...asked) {
      const answer = await stored.sync(...asked);
      warmKeys = { generation: answer.head.generation, channelKey: answer.channelKey };
      settler.sawGeneration(answer.head.generation);
      return answer;
    },
  };
  const table = new ScopeTable(options.kinds, options.recentMax);
  const replica = new Replica(
    { authority, receiver: redis.receiver, table, clock: systemClock, newIncarnation: randomUUID, onError },
    {
      // Of this process alone: who registers in the place of another process would end the wait for its leases.
      replica: `${options.replica}/${randomUUID().slice(0, 8)}`,
      timing,
      mode: options.mode ?? { kind: "strict" },
      syncEntriesMax: options.syncEntriesMax ?? 1_000,
    },
  );
  await replica.start();
  return {
    table,
    replica,
    settler,
    clock: systemClock,
    timing,
    warmKeys: () => warmKeys,
    async close(signal) {
      try {
        await replica.stop(signal);
      } finally {
        await redis.close();
      }
    },
  };
}
