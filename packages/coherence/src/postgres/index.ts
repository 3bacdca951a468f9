export { createPostgresAuthority } from "./authority.ts";
export { type Appended, appendEntry, logPosition, readHead } from "./log.ts";
export { startLogCleanup } from "./log-cleanup.ts";
export {
  type CoherenceHeadTable,
  type CoherenceLogTable,
  type CoherenceReplicasTable,
  type CoherenceTables,
  createCoherenceTables,
} from "./tables.ts";
