import type { Generated } from "kysely";
import { type Kysely, sql } from "kysely";

/** What a database with a log of changes has; a service intersects its own schema with it. */
export interface CoherenceTables {
  coherence_head: CoherenceHeadTable;
  coherence_log: CoherenceLogTable;
  coherence_replicas: CoherenceReplicasTable;
}

export interface CoherenceHeadTable {
  is_head: Generated<boolean>;
  position: number;
  generation: string;
  place: string;
  channel_key: Uint8Array;
}

export interface CoherenceLogTable {
  position: number;
  scopes: readonly string[];
  committed_at: Generated<Date>;
}

export interface CoherenceReplicasTable {
  replica_id: string;
  incarnation: string;
  lease_ms: number;
  registered_at: Generated<Date>;
  dead_at: Date | null;
  acknowledged_generation: string | null;
  acknowledged_position: Generated<number>;
}

/** 32 bytes, 244 of whose bits nobody can guess. Needs no extension. */
export const newChannelKey = sql`sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))`;

/** For a service's migration. One log for each database. */
export async function createCoherenceTables<S>(db: Kysely<S>): Promise<void> {
  await sql`create table coherence_head (
    is_head boolean primary key default true check (is_head),
    position bigint not null,
    generation text collate "C" not null,
    place text collate "C" not null,
    channel_key bytea not null check (octet_length(channel_key) = 32)
  )`.execute(db);
  await sql`create table coherence_log (
    position bigint primary key,
    scopes text[] not null,
    committed_at timestamptz not null default clock_timestamp()
  )`.execute(db);
  await sql`create table coherence_replicas (
    replica_id text collate "C" primary key,
    incarnation text collate "C" not null,
    lease_ms integer not null check (lease_ms > 0),
    registered_at timestamptz not null default clock_timestamp(),
    dead_at timestamptz,
    acknowledged_generation text collate "C",
    acknowledged_position bigint not null default 0
  )`.execute(db);
  await createFunctions(db);
  await sql`insert into coherence_head (position, generation, place, channel_key)
    values (0, gen_random_uuid()::text, coherence_place(), ${newChannelKey})`.execute(db);
}

/**
 * A log is of another generation wherever it may go on differently from here: on a standby that was promoted and
 * after a recovery to a point in time the timeline is another; where a dump was loaded, or a database copied, the
 * cluster, the database or the table's file is. What a server knows about itself tells, so nobody has to remember to say
 * so after a restore.
 *
 * pg_current_wal_lsn raises on a server in recovery: what lags behind is asked nothing.
 */
async function createFunctions<S>(db: Kysely<S>): Promise<void> {
  // Stable, as the generation is read beside the position: a volatile function would see by a snapshot of its own.
  // PL/pgSQL keeps its plan, an SQL function of this kind would be planned with each read. The file's path names
  // the database too.
  await sql`create function coherence_place() returns text language plpgsql stable as $$
    begin
      return concat_ws('.',
        left(pg_walfile_name(pg_current_wal_lsn()), 8),
        (select system_identifier from pg_control_system()),
        pg_relation_filepath('coherence_head'));
    end
  $$`.execute(db);
  await sql`create function coherence_generation(generation text) returns text language sql stable as $$
    select generation || '/' || coherence_place()
  $$`.execute(db);
}
