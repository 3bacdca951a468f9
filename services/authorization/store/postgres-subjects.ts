import { type Kysely, sql } from "kysely";
import type { SubjectStore } from "../domain/ports.ts";
import { toPrincipal } from "./rows.ts";
import type { AuthorizationSchema } from "./schema.ts";

/** Reads a subject in one statement, so that principal and roles are of one moment. */
export function createPostgresSubjects(db: Kysely<AuthorizationSchema>): SubjectStore {
  return {
    async find({ accountId, principalId }, signal) {
      const row = await db
        .selectFrom("principals as p")
        .selectAll("p")
        .select(
          sql<string[]>`array(
            select b.role_id from role_bindings b
            where b.account_id = p.account_id and b.principal_id = p.principal_id
          )`.as("role_ids"),
        )
        .where("p.account_id", "=", accountId)
        .where("p.principal_id", "=", principalId)
        .executeTakeFirst({ signal });
      return row === undefined ? undefined : { principal: toPrincipal(row), roleIds: row.role_ids };
    },
  };
}
