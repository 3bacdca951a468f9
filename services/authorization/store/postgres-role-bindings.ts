import { decodePageToken, encodePageToken } from "@portcullis/postgres";
import { type Kysely, sql } from "kysely";
import type { RoleBindingStore } from "../domain/principal-ports.ts";
import type { RoleBinding } from "../domain/role-binding.ts";
import { toBinding } from "./rows.ts";
import type { AuthorizationSchema } from "./schema.ts";

const columns = ["account_id", "principal_id", "role_id", "created_at"] as const;

export function createPostgresRoleBindings(db: Kysely<AuthorizationSchema>): RoleBindingStore {
  return {
    async find({ accountId, principalId }, roleId, signal) {
      const row = await db
        .selectFrom("role_bindings")
        .select(columns)
        .where("account_id", "=", accountId)
        .where("principal_id", "=", principalId)
        .where("role_id", "=", roleId)
        .executeTakeFirst({ signal });
      return row === undefined ? undefined : toBinding(row);
    },
    async list(accountId, principalId, page, signal) {
      const filter = JSON.stringify(["role_bindings", accountId, principalId ?? null]);
      let query = db
        .selectFrom("role_bindings")
        .select(columns)
        .where("account_id", "=", accountId)
        .orderBy("principal_id")
        .orderBy("role_id")
        .limit(page.size + 1);
      if (principalId !== undefined) query = query.where("principal_id", "=", principalId);
      if (page.token !== "") {
        const [afterPrincipal, afterRole] = splitPosition(decodePageToken(page.token, filter));
        query = query.where(sql<boolean>`(principal_id, role_id) > (${afterPrincipal}, ${afterRole})`);
      }
      const rows = await query.execute({ signal });
      const items = rows.slice(0, page.size).map(toBinding);
      const last = items.at(-1);
      const isLastPage = rows.length <= page.size || last === undefined;
      return { items, nextToken: isLastPage ? "" : encodePageToken(positionOf(last), filter) };
    },
  };
}

/** Neither id has a slash. */
function positionOf({ principalId, roleId }: RoleBinding): string {
  return `${principalId}/${roleId}`;
}

function splitPosition(position: string): readonly [string, string] {
  // A token can be forged, and Postgres takes no NUL in a text.
  const [principalId = "", roleId = ""] = position.replaceAll("\0", "").split("/");
  return [principalId, roleId];
}
