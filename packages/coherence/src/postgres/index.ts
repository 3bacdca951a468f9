export { createPostgresAuthority } from "./authority.ts";
export { type Appended, appendEntry, logPosition, readHead } from "./log.ts";
export { startLogCleanup } from "./log-cleanup.ts";
export {
  createSettledTransactions,
  type Effect,
  type SettledTransactions,
  type Touched,
} from "./settled-transactions.ts";
export {
  type CoherenceHeadTable,
  type CoherenceLogTable,
  type CoherenceReplicasTable,
  type CoherenceTables,
  createCoherenceTables,
} from "./tables.ts";
