import { decodePageToken, toKeysetPage } from "@portcullis/postgres";
import { type Kysely, sql } from "kysely";
import type { CredentialKind, Locator } from "../domain/credential.ts";
import type { AccountId, CredentialId } from "../domain/ids.ts";
import type { CredentialFilter, CredentialStore, HeldCredential } from "../domain/ports.ts";
import { type Dependents, principalKindOf } from "../domain/principal.ts";
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
      return row && toCredential(row);
    },
    async list(accountId, filter, page, signal) {
      const { ownerId = null, kinds, beforeId = null } = filter;
      const listName = JSON.stringify([accountId, ownerId, kinds.toSorted(), beforeId]);
      let query = matching(db, accountId, filter)
        .orderBy("id", "desc")
        .limit(page.size + 1);
      if (page.token !== "") query = query.where("id", "<", decodePageToken(page.token, listName));
      const rows = await query.execute({ signal });
      return toKeysetPage(rows, page.size, listName, toCredential, ({ id }) => id);
    },
    async findByLocators(locators, signal) {
      const rows = await selectHeld(db, locators).execute({ signal });
      return new Map(rows.map((row) => [row.locator as Locator, toHeld(row)]));
    },
    async noteUses(sessions, now, signal) {
      const accountIds = sessions.map(({ accountId }) => accountId);
      const ids = sessions.map(({ id }) => id);
      // Locked ones are skipped: their last use is being written, or they are being ended.
      await sql`
        update sessions set last_used_at = ${now}
        from (
          select account_id, credential_id from sessions
          where (account_id, credential_id) in (select * from unnest(${accountIds}::text[], ${ids}::text[]))
            and last_used_at < ${now}
          for update skip locked
        ) as due
        where (sessions.account_id, sessions.credential_id) = (due.account_id, due.credential_id)`.execute(
        db,
        { signal },
      );
    },
    async countWorking(ref, now, signal) {
      const rows = await db
        .selectFrom("credentials")
        .select(["kind", (eb) => eb.fn.countAll<number>().as("count")])
        .where("account_id", "=", ref.accountId)
        .where("owner_id", "=", ref.principalId)
        .where("revoked_at", "is", null)
        .where((eb) => eb.or([eb("expires_at", "is", null), eb("expires_at", ">", now)]))
        .groupBy("kind")
        .orderBy("kind")
        .execute({ signal });
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

/** One statement, so one snapshot: a credential is never judged by an owner's state of another moment. */
function selectHeld(db: Kysely<Schema>, locators: readonly Locator[]) {
  return (
    db
      .selectFrom("credential_locators as found")
      .innerJoin("credentials as held", (join) =>
        join.onRef("held.account_id", "=", "found.account_id").onRef("held.id", "=", "found.credential_id"),
      )
      // Left: a missing owner refuses, it does not hide.
      .leftJoin("principals as owner", (join) =>
        join
          .onRef("owner.account_id", "=", "held.account_id")
          .onRef("owner.principal_id", "=", "held.owner_id"),
      )
      .leftJoin("sessions as session", (join) =>
        join
          .onRef("session.account_id", "=", "held.account_id")
          .onRef("session.credential_id", "=", "held.id"),
      )
      .selectAll("held")
      .select(sessionColumns)
      .select(["owner.kind as owner_kind", "owner.state as owner_state", "owner.version as owner_version"])
      // One parameter, however many there are.
      .where("found.locator", "=", sql<string>`any(${locators}::text[])`)
  );
}

function toHeld(
  row: Awaited<ReturnType<ReturnType<typeof selectHeld>["executeTakeFirstOrThrow"]>>,
): HeldCredential {
  const credential = toCredential(row);
  const { owner_kind: kind, owner_state: state, owner_version: version } = row;
  const isKnown = kind !== null && state !== null && version !== null;
  return {
    credential,
    owner: isKnown
      ? { kind, state, version }
      : { kind: principalKindOf(credential.ownerId), state: "inactive", version: 0 },
  };
}
