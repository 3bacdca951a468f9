import { decodePageToken, toKeysetPage } from "@portcullis/postgres";
import type { Kysely } from "kysely";
import type { CredentialKind } from "../domain/credential.ts";
import type { AccountId, CredentialId } from "../domain/ids.ts";
import type { CredentialFilter, CredentialStore } from "../domain/ports.ts";
import type { Dependents } from "../domain/principal.ts";
import { withLastUses } from "./postgres-last-uses.ts";
import { toCredential } from "./rows.ts";
import type { Schema } from "./schema.ts";

const dependentsOf = {
  authtoken: "authtokens",
  api_key: "api_keys",
  ssh_key: "ssh_keys",
  session: "sessions",
} as const satisfies Record<CredentialKind, Dependents["kind"]>;

/** Credentials in Postgres. */
export function createPostgresCredentials(db: Kysely<Schema>): CredentialStore {
  return {
    async find(accountId, id, signal) {
      const row = await selectCredential(db, accountId, id).executeTakeFirst({ signal });
      if (row === undefined) return undefined;
      const [credential] = await withLastUses(db, accountId, [toCredential(row)], signal);
      return credential;
    },
    async list(accountId, filter, page, signal) {
      const { ownerId = null, kinds, beforeId = null } = filter;
      const listName = JSON.stringify([accountId, ownerId, kinds.toSorted(), beforeId]);
      let query = matching(db, accountId, filter)
        .orderBy("id", "desc")
        .limit(page.size + 1);
      if (page.token !== "") query = query.where("id", "<", decodePageToken(page.token, listName));
      const rows = await query.execute({ signal });
      const { items, nextToken } = toKeysetPage(rows, page.size, listName, toCredential, ({ id }) => id);
      return { items: await withLastUses(db, accountId, items, signal), nextToken };
    },
    async countWorking(accountId, ownerId, now, signal) {
      let query = db
        .selectFrom("credentials")
        .select(["kind", (eb) => eb.fn.countAll<number>().as("count")])
        .where("account_id", "=", accountId)
        .where("revoked_at", "is", null)
        .where((eb) => eb.or([eb("expires_at", "is", null), eb("expires_at", ">", now)]))
        .groupBy("kind")
        .orderBy("kind");
      if (ownerId !== undefined) query = query.where("owner_id", "=", ownerId);
      const rows = await query.execute({ signal });
      return rows.map(({ kind, count }) => ({ kind: dependentsOf[kind], count }));
    },
  };
}

export function selectCredential(db: Kysely<Schema>, accountId: AccountId, id: CredentialId) {
  return db
    .selectFrom("credentials")
    .selectAll()
    .where("account_id", "=", accountId)
    .where("id", "=", id)
    .where("kind", "<>", "session");
}

function matching(db: Kysely<Schema>, accountId: AccountId, { ownerId, kinds, beforeId }: CredentialFilter) {
  let query = db
    .selectFrom("credentials")
    .selectAll()
    .where("account_id", "=", accountId)
    .where("kind", "<>", "session");
  if (ownerId !== undefined) query = query.where("owner_id", "=", ownerId);
  if (kinds.length > 0) query = query.where("kind", "in", kinds);
  if (beforeId !== undefined) query = query.where("id", "<", beforeId);
  return query;
}

/** Of `sessions as session`, named as SessionColumns says. */
export const sessionColumns = [
  "session.group_id as session_group_id",
  "session.user_id as session_user_id",
  "session.secrets_version as session_secrets_version",
  "session.idle_ms as session_idle_ms",
  "session.last_used_at as session_last_used_at",
  "session.user_agent as session_user_agent",
  "session.source_ip as session_source_ip",
] as const;
