import { type Kysely, sql } from "kysely";
import type { SharedTables } from "./shared-tables.ts";

/** For a service's migration. Nothing deletes from it: receipts are evidence. */
export async function createReceiptsTable<S>(db: Kysely<S>): Promise<void> {
  await sql`create table revocation_receipts (
    account_id text collate "C" not null,
    receipt_id text collate "C" not null,
    operation text not null,
    target_id text collate "C" not null,
    issued_at timestamptz not null,
    receipt bytea not null,
    primary key (account_id, receipt_id)
  )`.execute(db);
  // For who looks up what happened to one thing.
  await sql`create index revocation_receipts_target
    on revocation_receipts (account_id, target_id, issued_at)`.execute(db);
}

export interface StoredReceipt {
  /** Empty for what is about no account, or about several. */
  readonly accountId: string;
  /** `rcp_…`. */
  readonly receiptId: string;
  /** As in the audit log. */
  readonly operation: string;
  readonly targetId: string;
  readonly issuedAt: Date;
  /** The receipt, serialized. */
  readonly receipt: Uint8Array;
}

/** Keeps a receipt. Outside the transaction of the change, which was over before the receipt could be issued. */
export async function storeReceipt<S extends SharedTables>(
  db: Kysely<S>,
  stored: StoredReceipt,
  signal: AbortSignal,
): Promise<void> {
  // The cast: Kysely's types don't see that a schema with more tables will do.
  await (db as unknown as Kysely<SharedTables>)
    .insertInto("revocation_receipts")
    .values({
      account_id: stored.accountId,
      receipt_id: stored.receiptId,
      operation: stored.operation,
      target_id: stored.targetId,
      issued_at: stored.issuedAt,
      receipt: stored.receipt,
    })
    .execute({ signal });
}
