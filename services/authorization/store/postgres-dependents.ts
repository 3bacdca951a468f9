import { type Kysely, type RawBuilder, sql } from "kysely";
import type { Dependents } from "../domain/preview-principal.ts";
import type { DependentsStore } from "../domain/principal-ports.ts";
import type { AuthorizationSchema } from "./schema.ts";

type Db = Kysely<AuthorizationSchema>;

export function createPostgresDependents(db: Db): DependentsStore {
  return {
    ofPrincipal: ({ accountId, principalId }, signal) =>
      count(
        db,
        {
          role_bindings: sql`role_bindings where account_id = ${accountId} and principal_id = ${principalId}`,
          role_assignments: sql`role_assignments where account_id = ${accountId} and holder_id = ${principalId}`,
          groups: sql`group_members where account_id = ${accountId} and principal_id = ${principalId}`,
          direct_permissions: sql`direct_permissions
            where account_id = ${accountId} and principal_id = ${principalId}`,
        },
        signal,
      ),
    ofAccount: (accountId, signal) =>
      count(
        db,
        {
          role_bindings: sql`role_bindings where account_id = ${accountId}`,
          role_assignments: sql`role_assignments where account_id = ${accountId}`,
          groups: sql`groups where account_id = ${accountId}`,
          direct_permissions: sql`direct_permissions where account_id = ${accountId}`,
        },
        signal,
      ),
  };
}

/** In one statement; leaves out what there is none of. */
async function count(
  db: Db,
  of: Readonly<Record<Dependents["kind"], RawBuilder<unknown>>>,
  signal: AbortSignal,
): Promise<readonly Dependents[]> {
  const { rows } = await sql<Record<Dependents["kind"], number>>`
    select
      (select count(*) from ${of.role_bindings}) as role_bindings,
      (select count(*) from ${of.role_assignments}) as role_assignments,
      (select count(*) from ${of.groups}) as groups,
      (select count(*) from ${of.direct_permissions}) as direct_permissions`.execute(db, { signal });
  const [counted] = rows;
  if (counted === undefined) throw new Error("a count has one row");
  const kinds = ["role_bindings", "role_assignments", "groups", "direct_permissions"] as const;
  return kinds.map((kind) => ({ kind, count: counted[kind] })).filter((one) => one.count > 0);
}
