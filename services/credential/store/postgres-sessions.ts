import { decodePageToken, encodePageToken } from "@portcullis/postgres";
import { type Kysely, sql, type Transaction } from "kysely";
import { type AccountId, parseAccountId, parseCredentialId, parsePrincipalId } from "../domain/ids.ts";
import type { SessionSelection, SessionStore } from "../domain/ports.ts";
import { isSession, type Session } from "../domain/session.ts";
import { sessionColumns } from "./postgres-credentials.ts";
import { toCredential } from "./rows.ts";
import type { Schema } from "./schema.ts";

/** Sessions in Postgres. */
export function createPostgresSessions(db: Kysely<Schema>): SessionStore {
  return {
    async find(accountId, id, signal) {
      const row = await select(db, accountId).where("held.id", "=", id).executeTakeFirst({ signal });
      return row && toSession(row);
    },
    async list(accountId, ownerId, now, page, signal) {
      const listName = JSON.stringify(["sessions", accountId, ownerId ?? null]);
      let query = select(db, accountId)
        .where("held.expires_at", ">", now)
        .where(sql<boolean>`session.last_used_at + session.idle_ms * interval '1 millisecond' > ${now}`)
        .orderBy("held.id", "desc")
        .limit(page.size + 1);
      if (ownerId !== undefined) query = query.where("held.owner_id", "=", ownerId);
      if (page.token !== "") query = query.where("held.id", "<", decodePageToken(page.token, listName));
      const rows = await query.execute({ signal });
      const items = rows.slice(0, page.size).map(toSession);
      const last = items.at(-1);
      const hasMore = rows.length > page.size && last !== undefined;
      return { items, nextToken: hasMore ? encodePageToken(last.id, listName) : "" };
    },
  };
}

/** Deletes them with their locators; in the order of their keys, so that two at once don't lock each other out. */
export async function deleteSessions(trx: Transaction<Schema>, selection: SessionSelection) {
  let query = trx
    .selectFrom("credentials as held")
    .innerJoin("sessions as session", (join) =>
      join.onRef("session.account_id", "=", "held.account_id").onRef("session.credential_id", "=", "held.id"),
    )
    .select(["held.account_id", "held.id", "held.owner_id", "held.locator"])
    .orderBy("held.account_id")
    .orderBy("held.id");
  switch (selection.of) {
    case "one":
    case "own":
      query = query.where("held.account_id", "=", selection.accountId).where("held.id", "=", selection.id);
      if (selection.of === "own") query = query.where("held.owner_id", "=", selection.ownerId);
      break;
    case "principal":
      query = query
        .where("held.account_id", "=", selection.accountId)
        .where("held.owner_id", "=", selection.ownerId);
      break;
    case "group":
      query = query.where("session.group_id", "=", selection.groupId);
      break;
    case "members":
      query = query
        .where("held.account_id", "=", selection.accountId)
        .where("session.user_id", "in", selection.userIds);
      break;
    case "user":
      query = query
        .where("session.user_id", "=", selection.userId)
        .where("session.group_id", "<>", selection.exceptGroupId);
      if (selection.belowSecretsVersion !== undefined) {
        query = query.where("session.secrets_version", "<", selection.belowSecretsVersion);
      }
      break;
  }
  const rows = await query.forUpdate("held").execute();
  if (rows.length === 0) return [];
  const [accounts, ids] = [rows.map(({ account_id }) => account_id), rows.map(({ id }) => id)];
  const locators = rows.map(({ locator }) => locator);
  await sql`delete from credentials
    where (account_id, id) in (select * from unnest(${accounts}::text[], ${ids}::text[]))`.execute(trx);
  await sql`delete from credential_locators where locator = any(${locators}::text[])`.execute(trx);
  return rows.map(({ account_id, id, owner_id }) => ({
    accountId: parseAccountId(account_id),
    id: parseCredentialId(id),
    ownerId: parsePrincipalId(owner_id),
  }));
}

/** Deletes up to `batchSize` sessions whose time was over before `date`, and tells how many there were. */
export async function deleteSessionsEndedBefore(
  db: Kysely<Schema>,
  date: Date,
  batchSize: number,
  signal: AbortSignal,
): Promise<number> {
  const { rows } = await sql`
    with gone as (
      delete from credentials where (account_id, id) in (
        select account_id, id from credentials
        where kind = 'session' and expires_at < ${date}
        order by expires_at limit ${batchSize} for update skip locked
      )
      returning locator
    )
    delete from credential_locators where locator in (select locator from gone) returning locator`.execute(
    db,
    {
      signal,
    },
  );
  return rows.length;
}

function select(db: Kysely<Schema>, accountId: AccountId) {
  return db
    .selectFrom("credentials as held")
    .innerJoin("sessions as session", (join) =>
      join.onRef("session.account_id", "=", "held.account_id").onRef("session.credential_id", "=", "held.id"),
    )
    .selectAll("held")
    .select(sessionColumns)
    .where("held.account_id", "=", accountId);
}

function toSession(row: Parameters<typeof toCredential>[0]): Session {
  const credential = toCredential(row);
  if (!isSession(credential)) throw new Error(`credential ${row.id} has a row in sessions and is none`);
  return credential;
}
