import { type Kysely, sql, type Transaction } from "kysely";
import type { SharedTables } from "./shared-tables.ts";

/** For a service's migration. */
export async function createAuditTable<S>(db: Kysely<S>): Promise<void> {
  await sql`create table audit_outbox (
    account_id text collate "C" not null,
    id text collate "C" not null,
    occurred_at timestamptz not null,
    actor jsonb not null,
    action text not null,
    target_id text collate "C",
    detail jsonb not null,
    primary key (account_id, id)
  )`.execute(db);
}

export interface AuditEvent {
  readonly accountId: string;
  /** `evt_…`, so that the id tells the order. */
  readonly id: string;
  readonly occurredAt: Date;
  readonly actor: object;
  readonly action: string;
  readonly targetId: string | null;
  /** Never a secret. */
  readonly detail: object;
}

/** Part of the transaction that makes the change: there is an event exactly when there is a change. */
export async function appendAudit<S extends SharedTables>(
  trx: Transaction<S>,
  event: AuditEvent,
): Promise<void> {
  // The cast: Kysely's types don't see that a schema with more tables will do.
  await (trx as unknown as Transaction<SharedTables>)
    .insertInto("audit_outbox")
    .values({
      account_id: event.accountId,
      id: event.id,
      occurred_at: event.occurredAt,
      actor: JSON.stringify(event.actor),
      action: event.action,
      target_id: event.targetId,
      detail: JSON.stringify(event.detail),
    })
    .execute();
}
