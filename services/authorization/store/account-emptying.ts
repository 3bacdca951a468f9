import { type Deletion, deletionOf, type Rounds, startAccountEmptying } from "@portcullis/postgres";
import type { Kysely } from "kysely";
import type { AuthorizationSchema } from "./schema.ts";

/** First what refers to others, so that no deletion takes more along than its own rows. */
const deletions: readonly Deletion[] = [
  deletionOf("object_access", "object_type", "object_id", "holder_id"),
  deletionOf("objects", "object_type", "object_id"),
  deletionOf("group_members", "group_id", "principal_id"),
  deletionOf("role_assignments", "holder_id", "role_id"),
  deletionOf("direct_permissions", "principal_id", "permission_id"),
  deletionOf("role_bindings", "principal_id", "aspect"),
  deletionOf("role_permissions", "role_id", "permission_id"),
  deletionOf("roles", "role_id"),
  deletionOf("groups", "group_id"),
  deletionOf("account_policies"),
  deletionOf("principals", "principal_id"),
];

/** Deletes what deleted accounts had. It is no change: nothing in them counts since the account's own deletion. */
export function startEmptying(db: Kysely<AuthorizationSchema>, onError: (error: unknown) => void): Rounds {
  return startAccountEmptying(db, deletions, onError);
}
