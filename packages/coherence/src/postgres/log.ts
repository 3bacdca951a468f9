import { type Kysely, type RawBuilder, sql, type Transaction } from "kysely";
import type { LogPosition } from "../log-entry.ts";
import { everything, type Scope } from "../scope.ts";
import type { Committed } from "../settler.ts";
import { type CoherenceTables, newChannelKey } from "./tables.ts";

/** What is to be settled once it is committed. */
export type Appended = Omit<Committed, "committedMonotonicMs">;

/** More scopes than that are written as `everything`, which is also how they would be sent. */
const scopesMax = 1_000;

/**
 * For a service's own SELECT: the place in the log that is of the same snapshot as the row beside it, which is what
 * the row may be remembered with. `select(["secret_hash", logPosition.as("readAt")])`
 */
export const logPosition: RawBuilder<LogPosition> = sql<LogPosition>`(
  select json_build_object('generation', coherence_generation(generation), 'position', position)
  from coherence_head)`;

/**
 * The log moves to a generation of its own where it finds itself in another place than it was written in. The place
 * is part of the generation as it is read, but two standbys that are promoted apart get the same timeline: only
 * chance tells these apart.
 */
export const settleHere = sql`
  generation = case when place = here then generation else gen_random_uuid()::text end,
  channel_key = case when place = here then channel_key else ${newChannelKey} end,
  place = here`;

/** A writer that has the head and neither commits nor gives up loses it: all others wait meanwhile. Milliseconds. */
const idleMsMax = 500;

interface HeadRow {
  readonly position: number;
  readonly generation: string;
  readonly channel_key: Uint8Array;
}

/**
 * Part of the transaction that makes the change, and its last statement: the head is one row, whose lock all writers
 * take and keep until they have committed. So the order of the positions is the order of the commits, no position is
 * seen before a lower one, and whatever a transaction did after it would make all others wait.
 *
 * In read committed: stricter levels fail with each concurrent writer.
 */
export async function appendEntry<S extends CoherenceTables>(
  trx: Transaction<S>,
  scopes: readonly Scope[],
): Promise<Appended> {
  const written = boundedScopes(scopes);
  const { rows } = await sql<HeadRow>`
    with head as (
      update coherence_head set position = position + 1, ${settleHere}
      from (select coherence_place() as here) as server
      returning position, coherence_generation(generation) as generation, channel_key,
        -- An entry that was seen and then lost with the server would leave its position to another one.
        case when current_setting('synchronous_commit') = 'off'
          then set_config('synchronous_commit', 'local', true) end,
        set_config('idle_in_transaction_session_timeout', ${String(idleMsMax)}, true)
    ), entry as (
      insert into coherence_log (position, scopes) select position, ${written}::text[] from head
    )
    select position, generation, channel_key from head`.execute(trx);
  return { ...headOf(rows), scopes: written };
}

/** For a change that found nothing to do: who made it before may not have seen it settled. */
export async function readHead<S extends CoherenceTables>(
  db: Kysely<S>,
  options: { readonly signal?: AbortSignal } = {},
): Promise<Appended> {
  const { rows } = await sql<HeadRow>`
    select position, coherence_generation(generation) as generation, channel_key from coherence_head`.execute(
    db,
    options,
  );
  return { ...headOf(rows), scopes: undefined };
}

function boundedScopes(scopes: readonly Scope[]): readonly Scope[] {
  const unique = [...new Set(scopes)];
  return unique.length > scopesMax || unique.includes(everything) ? [everything] : unique;
}

function headOf(rows: readonly HeadRow[]): Pick<Appended, "at" | "channelKey"> {
  const [head] = rows;
  if (head === undefined) throw new Error("coherence_head has lost its row");
  const { position, generation, channel_key: channelKey } = head;
  return { at: { generation, position }, channelKey };
}
