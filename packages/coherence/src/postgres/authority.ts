import { type Kysely, type RawBuilder, sql } from "kysely";
import type { Authority, Registration, SyncAnswer } from "../authority.ts";
import type { LogEntry } from "../log-entry.ts";
import { settleHere } from "./log.ts";
import type { CoherenceTables } from "./tables.ts";

interface SyncRow {
  readonly position: number;
  readonly generation: string;
  readonly channel_key: Uint8Array;
  readonly is_registered: boolean;
  readonly is_home: boolean;
  readonly is_of_standby: boolean;
  readonly entries: readonly LogEntry[];
}

interface RegistrationRow {
  /** Null, as all of it, where nobody is registered. */
  readonly replica: string | null;
  readonly incarnation: string;
  readonly lease_ms: number;
  readonly is_dead: boolean;
  readonly acknowledged: number;
  readonly is_of_standby: boolean;
}

/** A snapshot taken on a standby stays what it was, behind, if the standby is promoted before the statement ends. */
const isOfStandby: RawBuilder<boolean> = sql<boolean>`current_setting('transaction_read_only') = 'on'`;

/**
 * The log and the registry in the primary Postgres. Its pool should be its own: a sync must not wait behind requests,
 * nor outlast a lease, so a small pool with a short statement timeout.
 */
export function createPostgresAuthority<S extends CoherenceTables>(db: Kysely<S>): Authority {
  return {
    async register({ replica, incarnation }, leaseMs, signal) {
      const known = await sql<{ incarnation: string }>`
        select incarnation from coherence_replicas where replica_id = ${replica}`.execute(db, { signal });
      // In place of what was found and of nothing else: an attempt that was given up on may still arrive, and
      // must not replace its successor, which holds leases.
      const { numAffectedRows } = await sql`
        insert into coherence_replicas (replica_id, incarnation, lease_ms)
        values (${replica}, ${incarnation}, ${Math.ceil(leaseMs)})
        on conflict (replica_id) do update set
          incarnation = excluded.incarnation, lease_ms = excluded.lease_ms,
          registered_at = excluded.registered_at, dead_at = null,
          acknowledged_generation = null, acknowledged_position = 0
        where coherence_replicas.incarnation = ${known.rows[0]?.incarnation ?? null}`.execute(db, { signal });
      if (numAffectedRows !== 1n) throw new Error(`Somebody else registered as ${replica} at this moment`);
    },

    async sync({ replica, incarnation }, after, limit, signal) {
      for (let attempt = 1; attempt <= 3; attempt++) {
        // One statement, so one snapshot.
        const { rows } = await sql<SyncRow>`
          select position, coherence_generation(generation) as generation, channel_key,
            place = coherence_place() as is_home, ${isOfStandby} as is_of_standby,
            exists (
              select from coherence_replicas
              where replica_id = ${replica} and incarnation = ${incarnation} and dead_at is null
            ) as is_registered,
            (select coalesce(json_agg(tail order by tail.position), '[]') from (
              select position, scopes from coherence_log
              where position > ${after} order by position desc limit ${limit}
            ) as tail) as entries
          from coherence_head`.execute(db, { signal });
        const [row] = rows;
        if (row === undefined) throw new Error("coherence_head has lost its row");
        if (row.is_of_standby) throw new NotPrimaryError();
        if (row.is_home) return answerOf(row);
        await sql`update coherence_head set ${settleHere}
          from (select coherence_place() as here) as server where place <> here`.execute(db, { signal });
      }
      throw new Error("The log does not come to rest in one place: is the database reached at two servers?");
    },

    async acknowledge({ replica, incarnation }, { generation, position }, signal) {
      // One that is lost with the server is made up for by the lease, so nobody waits for a disk or a standby.
      await sql`
        with relaxed as (select set_config('synchronous_commit', 'off', true))
        update coherence_replicas as known
        set acknowledged_generation = ${generation}, acknowledged_position = ${position}
        from relaxed, coherence_head as head
        where replica_id = ${replica} and incarnation = ${incarnation}
          and coherence_generation(head.generation) = ${generation}
          and (known.acknowledged_generation is distinct from ${generation}
            or known.acknowledged_position < ${position})`.execute(db, { signal });
    },

    async unregister({ replica, incarnation }, signal) {
      await sql`delete from coherence_replicas
        where replica_id = ${replica} and incarnation = ${incarnation}`.execute(db, { signal });
    },

    async registrations(signal) {
      // A row in any case, so that a server that is no primary raises even where nobody is registered.
      const { rows } = await sql<RegistrationRow>`
        with present as materialized (
          select coherence_generation(generation) as generation, ${isOfStandby} as is_of_standby
          from coherence_head
        )
        select replica_id as replica, incarnation, lease_ms, dead_at is not null as is_dead,
          case when acknowledged_generation = generation then acknowledged_position else 0 end as acknowledged,
          is_of_standby
        from present left join coherence_replicas on true`.execute(db, { signal });
      if (rows.length === 0) throw new Error("coherence_head has lost its row");
      return rows.flatMap(registrationsOf);
    },

    async markDead({ replica, incarnation }, signal) {
      await sql`update coherence_replicas set dead_at = clock_timestamp()
        where replica_id = ${replica} and incarnation = ${incarnation} and dead_at is null`.execute(db, {
        signal,
      });
    },

    async removeDead({ replica, incarnation }, signal) {
      await sql`delete from coherence_replicas
        where replica_id = ${replica} and incarnation = ${incarnation} and dead_at is not null`.execute(db, {
        signal,
      });
    },
  };
}

class NotPrimaryError extends Error {
  override readonly name = "NotPrimaryError";

  constructor() {
    super("The database that was asked is, or was at that moment, not the primary");
  }
}

function answerOf({ position, generation, channel_key, is_registered, entries }: SyncRow): SyncAnswer {
  return {
    head: { generation, position },
    channelKey: channel_key,
    entries,
    isRegistered: is_registered,
  };
}

function registrationsOf({ replica, is_of_standby, is_dead, lease_ms, ...known }: RegistrationRow) {
  if (is_of_standby) throw new NotPrimaryError();
  if (replica === null) return [];
  return [{ ...known, replica, leaseMs: lease_ms, isDead: is_dead } satisfies Registration];
}
