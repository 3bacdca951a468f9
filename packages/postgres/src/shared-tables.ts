import type { ColumnType, Generated } from "kysely";

/** The tables every service's database has; a service intersects its own schema with it. */
export interface SharedTables {
  idempotency_keys: IdempotencyKeysTable;
  audit_outbox: AuditOutboxTable;
  revocation_receipts: RevocationReceiptsTable;
}

export interface IdempotencyKeysTable {
  account_id: string;
  actor_id: string;
  request_id: string;
  method: string;
  request_digest: Uint8Array;
  resource_id: string | null;
  created_at: Generated<Date>;
}

/** jsonb is written as text, which also keeps pg from taking an array for a Postgres array. */
type Json<T> = ColumnType<T, string, string>;

export interface AuditOutboxTable {
  account_id: string;
  id: string;
  occurred_at: Date;
  actor: Json<unknown>;
  action: string;
  target_id: string | null;
  detail: Json<unknown>;
}

export interface RevocationReceiptsTable {
  account_id: string;
  receipt_id: string;
  operation: string;
  target_id: string;
  issued_at: Date;
  receipt: Uint8Array;
}
