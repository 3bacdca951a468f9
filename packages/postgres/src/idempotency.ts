import { DomainError } from "@portcullis/errors";
import { type Kysely, sql, type Transaction } from "kysely";
import type { SharedTables } from "./shared-tables.ts";

/** For a service's migration. */
export async function createIdempotencyTable<S>(db: Kysely<S>): Promise<void> {
  await sql`create table idempotency_keys (
    account_id text collate "C" not null,
    actor_id text collate "C" not null,
    request_id text collate "C" not null,
    method text collate "C" not null,
    request_digest bytea not null,
    resource_id text collate "C",
    created_at timestamptz not null default now(),
    primary key (account_id, actor_id, request_id)
  )`.execute(db);
  await sql`create index idempotency_keys_created_at on idempotency_keys (created_at)`.execute(db);
}

export interface RequestKey {
  readonly accountId: string;
  readonly actorId: string;
  readonly requestId: string;
}

export interface RequestClaim extends RequestKey {
  readonly method: string;
  /** Of the whole request, so that the same id with another content is noticed. */
  readonly requestDigest: Uint8Array;
}

export type Claimed = { readonly claimed: true } | { readonly claimed: false; readonly resourceId: string };

const roundsMax = 20;

/**
 * The first transaction to claim a request does the work and calls `recordResult` before it commits.
 * A second waits for the first to end: it gets the first's result if that committed, and the claim if not.
 * REQUEST_ID_REUSED when the id was used for another method or content.
 */
export async function claimRequest<S extends SharedTables>(
  transaction: Transaction<S>,
  claim: RequestClaim,
): Promise<Claimed> {
  const trx = shared(transaction);
  for (let round = 0; round < roundsMax; round++) {
    const inserted = await trx
      .insertInto("idempotency_keys")
      .values({
        account_id: claim.accountId,
        actor_id: claim.actorId,
        request_id: claim.requestId,
        method: claim.method,
        request_digest: claim.requestDigest,
        resource_id: null,
      })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    if (inserted.numInsertedOrUpdatedRows === 1n) return { claimed: true };
    const earlier = await trx
      .selectFrom("idempotency_keys")
      .select(["method", "request_digest", "resource_id"])
      .where("account_id", "=", claim.accountId)
      .where("actor_id", "=", claim.actorId)
      .where("request_id", "=", claim.requestId)
      .executeTakeFirst();
    // Absent: it was deleted between the two statements, so the claim may be free again.
    if (earlier !== undefined) return repeated(claim, earlier);
  }
  throw new DomainError("CONCURRENT_CHANGE", "This request is being handled already. Try again.");
}

function repeated(
  claim: RequestClaim,
  earlier: { method: string; request_digest: Uint8Array; resource_id: string | null },
): Claimed {
  if (earlier.method !== claim.method || Buffer.compare(earlier.request_digest, claim.requestDigest) !== 0) {
    const message = "This request_id was used for another request. Send each new request with a new one.";
    throw new DomainError("REQUEST_ID_REUSED", message);
  }
  if (earlier.resource_id === null) {
    throw new Error(`${claim.method} committed a claim without recordResult`);
  }
  return { claimed: false, resourceId: earlier.resource_id };
}

/** Ends a claim of this transaction: what a repetition of the request will be answered from. */
export async function recordResult<S extends SharedTables>(
  transaction: Transaction<S>,
  key: RequestKey,
  resourceId: string,
): Promise<void> {
  const { numUpdatedRows } = await shared(transaction)
    .updateTable("idempotency_keys")
    .set({ resource_id: resourceId })
    .where("account_id", "=", key.accountId)
    .where("actor_id", "=", key.actorId)
    .where("request_id", "=", key.requestId)
    .executeTakeFirst();
  if (numUpdatedRows !== 1n) throw new Error("recordResult for a request that was not claimed");
}

/** Deletes in batches, each its own transaction, until none is older or the signal ends it; tells how many. */
export async function deleteRequestsBefore<S extends SharedTables>(
  database: Kysely<S>,
  date: Date,
  { batchSize = 1_000, signal }: { readonly batchSize?: number; readonly signal?: AbortSignal } = {},
): Promise<number> {
  for (let total = 0; ; ) {
    signal?.throwIfAborted();
    const { numAffectedRows } = await sql`
      delete from idempotency_keys where (account_id, actor_id, request_id) in (
        select account_id, actor_id, request_id from idempotency_keys
        where created_at < ${date} order by created_at limit ${batchSize} for update skip locked
      )`.execute(database);
    total += Number(numAffectedRows ?? 0n);
    if ((numAffectedRows ?? 0n) < batchSize) return total;
  }
}

/** Kysely's types don't see that a schema with more tables will do. */
function shared<S extends SharedTables>(trx: Transaction<S>): Transaction<SharedTables> {
  return trx as unknown as Transaction<SharedTables>;
}
