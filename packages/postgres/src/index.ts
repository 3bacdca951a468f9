export { type Deletion, deletionOf, startAccountEmptying } from "./account-emptying.ts";
export { type AuditEvent, appendAudit, createAuditTable } from "./audit.ts";
export { type Database, type DatabaseOptions, openDatabase } from "./database.ts";
export {
  createEnforcedAccountsTable,
  type EnforcedAccount,
  type EnforcedAccountsTable,
  holdAccount,
  supersedeAccount,
} from "./enforced-accounts.ts";
export { isUniqueViolation } from "./failure.ts";
export {
  type Claimed,
  claimRequest,
  createIdempotencyTable,
  deleteRequestsBefore,
  type RequestClaim,
  type RequestKey,
  recordResult,
} from "./idempotency.ts";
export { type KeysetPage, toKeysetPage } from "./keyset-page.ts";
export { runMigrateCommand } from "./migrate-command.ts";
export {
  defineMigrations,
  type Migrations,
  migrateToLatest,
  pendingMigrations,
  requireMigrated,
} from "./migrations.ts";
export { decodePageToken, encodePageToken } from "./page-token.ts";
export { createReceiptsTable, type StoredReceipt, storeReceipt } from "./receipts.ts";
export { startRequestCleanup } from "./request-cleanup.ts";
export { type Rounds, startRounds } from "./rounds.ts";
export type {
  AuditOutboxTable,
  IdempotencyKeysTable,
  RevocationReceiptsTable,
  SharedTables,
} from "./shared-tables.ts";
export { type TransactOptions, transact } from "./transact.ts";
export { type Outcome, type RequestedMutation, transactOnce } from "./transact-once.ts";
