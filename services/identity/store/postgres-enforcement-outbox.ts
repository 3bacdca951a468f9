import { type Kysely, sql } from "kysely";
import { type AccountRef, type AccountStanding, enforcedIdOf } from "../domain/enforced.ts";
import { parseAccountId, parseMemberId, parseServiceUserId } from "../domain/ids.ts";
import type { EnforcementOutbox, PendingEnforcement } from "../domain/ports.ts";
import type { Principal, PrincipalRef } from "../domain/principal.ts";
import { principalOf } from "../domain/service-user.ts";
import { backoffSeconds } from "./backoff.ts";
import { toServiceUser } from "./rows.ts";
import type { PendingEnforcementsTable, Schema } from "./schema.ts";

/** What enforcers owe, in Postgres. */
export function createPostgresEnforcementOutbox(db: Kysely<Schema>): EnforcementOutbox {
  return {
    async pendingOf(ref, signal) {
      const rows = await db
        .selectFrom("pending_enforcements")
        .select(["account_id", "principal_id", "enforcer"])
        .where("account_id", "=", ref.accountId)
        // The account's too: a deletion of it stands for what was owed of the principal.
        .where("principal_id", "in", [enforcedIdOf(ref), ref.accountId])
        .execute({ signal });
      return rows.map(toPending);
    },
    read: (ref, signal) =>
      "principalId" in ref ? readPrincipal(db, ref, signal) : readAccount(db, ref, signal),
    async grantsOwed(ref, signal) {
      const rows = await db
        .selectFrom("membership_grants")
        .select(["kind", "target_id"])
        .where("account_id", "=", ref.accountId)
        .where("principal_id", "=", ref.principalId)
        .orderBy("kind")
        .orderBy("target_id")
        .execute({ signal });
      return rows.map(({ kind, target_id }) => ({ kind, targetId: target_id }));
    },
    async granted(ref, grants, signal) {
      const kinds = grants.map(({ kind }) => kind);
      const targets = grants.map(({ targetId }) => targetId);
      await sql`
        delete from membership_grants
        where account_id = ${ref.accountId} and principal_id = ${ref.principalId}
          and (kind, target_id) in (select * from unnest(${kinds}::text[], ${targets}::text[]))`.execute(db, {
        signal,
      });
    },
    async confirm(pending, version, signal) {
      await db
        .deleteFrom("pending_enforcements")
        .where("account_id", "=", pending.of.accountId)
        .where("principal_id", "=", enforcedIdOf(pending.of))
        .where("enforcer", "=", pending.enforcer)
        .where("version", "<=", version)
        .execute({ signal });
    },
    async takeDue(limit, signal) {
      const { rows } = await sql<Pick<PendingEnforcementsTable, "account_id" | "principal_id" | "enforcer">>`
        update pending_enforcements as pending
        set attempts = attempts + 1,
          due_at = now() + ${backoffSeconds} * interval '1 second'
        from (
          select account_id, principal_id, enforcer from pending_enforcements
          where due_at <= now() order by due_at limit ${limit} for update skip locked
        ) as due
        where (pending.account_id, pending.principal_id, pending.enforcer)
          = (due.account_id, due.principal_id, due.enforcer)
        returning pending.account_id, pending.principal_id, pending.enforcer`.execute(db, { signal });
      return rows.map(toPending);
    },
  };
}

async function readAccount(
  db: Kysely<Schema>,
  { accountId }: AccountRef,
  signal: AbortSignal,
): Promise<AccountStanding | undefined> {
  const row = await db
    .selectFrom("accounts")
    .select(["state", "version"])
    .where("id", "=", accountId)
    .executeTakeFirst({ signal });
  return row && { kind: "account", accountId, state: row.state, version: row.version };
}

async function readPrincipal(
  db: Kysely<Schema>,
  ref: PrincipalRef,
  signal: AbortSignal,
): Promise<Principal | undefined> {
  if (ref.principalId.startsWith("svc_")) {
    const row = await db
      .selectFrom("service_users")
      .selectAll()
      .where("account_id", "=", ref.accountId)
      .where("id", "=", ref.principalId)
      .executeTakeFirst({ signal });
    return row && principalOf(toServiceUser(row));
  }
  const row = await db
    .selectFrom("memberships")
    .innerJoin("users", "users.id", "memberships.user_id")
    .select(["memberships.state", "memberships.version", "users.super_admin"])
    .where("memberships.account_id", "=", ref.accountId)
    .where("memberships.principal_id", "=", ref.principalId)
    .executeTakeFirst({ signal });
  return row && { ...ref, kind: "user", state: row.state, version: row.version, superAdmin: row.super_admin };
}

function toPending(
  row: Pick<PendingEnforcementsTable, "account_id" | "principal_id" | "enforcer">,
): PendingEnforcement {
  const { account_id, principal_id, enforcer } = row;
  const accountId = parseAccountId(account_id);
  if (principal_id === account_id) return { enforcer, of: { accountId } };
  const principalId = principal_id.startsWith("svc_")
    ? parseServiceUserId(principal_id)
    : parseMemberId(principal_id);
  return { enforcer, of: { accountId, principalId } };
}
