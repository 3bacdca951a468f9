import type { Touched } from "@portcullis/coherence/postgres";
import { holdAccount } from "@portcullis/postgres";
import { type Insertable, sql, type Transaction } from "kysely";
import type { AccountId, PrincipalId, PrincipalRef } from "../domain/ids.ts";
import type { Principal } from "../domain/principal.ts";
import type { PrincipalTx } from "../domain/principal-ports.ts";
import type { RoleAspect } from "../domain/role.ts";
import type { RoleBinding } from "../domain/role-binding.ts";
import { deleteHoldings, giveDefaults } from "./defaults-and-holdings.ts";
import { readHoldings } from "./read-holdings.ts";
import { toBinding, toPrincipal } from "./rows.ts";
import type { AuthorizationSchema, PrincipalsTable } from "./schema.ts";
import { principalScope } from "./scopes.ts";

type Trx = Transaction<AuthorizationSchema>;

/** By the database's clock, at this moment and not when the transaction began: it may have waited. */
const isNotLeaving = sql<boolean>`(p.leaving_until is null or p.leaving_until <= clock_timestamp())`;

/**
 * Locks the account's row first, rows of principals before rows of role bindings, and principals in the order of their ids. A statement
 * that waited for a lock sees what was committed meanwhile: the isolation level is read committed.
 */
export function createPostgresTx(trx: Trx, touched: Touched): Omit<PrincipalTx, "audit"> {
  return {
    holdAccount: (accountId) => holdAccount(trx, accountId),
    addOrLockPrincipal: (principal) => addOrLockPrincipal(trx, touched, principal),
    updatePrincipal: (principal) => updatePrincipal(trx, touched, principal),
    lockPrincipal: (ref) => lockPrincipal(trx, ref),
    lockActiveAdministrators: (accountId) => lockActiveAdministrators(trx, accountId),
    activeAdministrators: (accountId) => readActiveAdministrators(trx, accountId),
    lockWithAdministrators: (ref) => lockWithAdministrators(trx, ref),
    holdMember: (ref, version) => holdMember(trx, touched, ref, version),
    holdingsOf: async (ref) => (await readHoldings(trx, ref)).holdings,
    findRoleBinding: (ref, aspect) => findRoleBinding(trx, ref, aspect),
    putRoleBinding: (binding, aspect) => putRoleBinding(trx, touched, binding, aspect),
    async deleteRoleBinding(ref, roleId) {
      const deleted = await deleteBindings(trx, touched, ref).where("role_id", "=", roleId).execute();
      return deleted.length > 0;
    },
    async deleteRoleBindings(ref) {
      const deleted = await deleteBindings(trx, touched, ref).execute();
      return deleted.map(({ role_id }) => role_id).toSorted();
    },
    giveDefaults: (ref) => giveDefaults(trx, touched, ref),
    deleteHoldings: (ref) => deleteHoldings(trx, touched, ref),
  };
}

async function addOrLockPrincipal(
  trx: Trx,
  touched: Touched,
  principal: Principal,
): Promise<Principal | undefined> {
  // Waits for whoever adds the same one at this moment.
  const added = await trx
    .insertInto("principals")
    .values(toPrincipalRow(principal))
    .onConflict((conflict) => conflict.doNothing())
    .returning("version")
    .executeTakeFirst();
  if (added !== undefined) {
    // Whoever asked before remembers that there is none.
    touched.add(principalScope(principal));
    return undefined;
  }
  const known = await lockPrincipal(trx, principal);
  // Rows of principals are deleted in deleted accounts only, where none is added.
  if (known === undefined) throw new Error("a principal is in the way that does not exist");
  return known;
}

async function updatePrincipal(trx: Trx, touched: Touched, principal: Principal): Promise<void> {
  touched.add(principalScope(principal));
  await trx
    .updateTable("principals")
    .set({
      ...toPrincipalRow(principal),
      leaving_until: sql<Date | null>`case when leaving_version > ${principal.version} then leaving_until end`,
    })
    .where("account_id", "=", principal.accountId)
    .where("principal_id", "=", principal.principalId)
    .execute();
}

async function lockPrincipal(trx: Trx, ref: PrincipalRef): Promise<Principal | undefined> {
  const row = await trx
    .selectFrom("principals")
    .selectAll()
    .where("account_id", "=", ref.accountId)
    .where("principal_id", "=", ref.principalId)
    .forUpdate()
    .executeTakeFirst();
  return row === undefined ? undefined : toPrincipal(row);
}

function activeAdministrators(trx: Trx, accountId: AccountId) {
  return trx
    .selectFrom("principals as p")
    .innerJoin("role_bindings as b", (join) =>
      join.onRef("b.account_id", "=", "p.account_id").onRef("b.principal_id", "=", "p.principal_id"),
    )
    .selectAll("p")
    .where("p.account_id", "=", accountId)
    .where("p.state", "=", "active")
    .where(isNotLeaving)
    .where("b.role_id", "=", "administrator")
    .orderBy("p.principal_id");
}

async function lockActiveAdministrators(trx: Trx, accountId: AccountId): Promise<readonly PrincipalId[]> {
  const rows = await activeAdministrators(trx, accountId).forUpdate().execute();
  return rows.map((row) => toPrincipal(row).principalId);
}

async function readActiveAdministrators(trx: Trx, accountId: AccountId): Promise<readonly PrincipalId[]> {
  const rows = await activeAdministrators(trx, accountId).execute();
  return rows.map((row) => toPrincipal(row).principalId);
}

async function lockWithAdministrators(trx: Trx, ref: PrincipalRef): Promise<Principal | undefined> {
  await sql`
    select 1 from principals p
    where p.account_id = ${ref.accountId} and p.principal_id in (
      select ${ref.principalId} union all
      select b.principal_id from role_bindings b
      where b.account_id = ${ref.accountId} and b.role_id = 'administrator'
    )
    order by p.principal_id for update`.execute(trx);
  // Read after the wait: what was committed meanwhile counts.
  return lockPrincipal(trx, ref);
}

/** Long enough for identity to commit and to tell; short enough that a crash of it blocks nobody for long. */
const holdSeconds = 60;

async function holdMember(trx: Trx, touched: Touched, ref: PrincipalRef, version: number): Promise<Date> {
  // What a member may do is the same until it goes.
  touched.addsOnly();
  const { rows } = await sql<{ leaving_until: Date }>`
    update principals
    set leaving_version = ${version},
      leaving_until = clock_timestamp() + make_interval(secs => ${holdSeconds})
    where account_id = ${ref.accountId} and principal_id = ${ref.principalId}
    returning leaving_until`.execute(trx);
  const held = rows[0];
  if (held === undefined) throw new Error("a principal that was locked is gone");
  return held.leaving_until;
}

async function findRoleBinding(
  trx: Trx,
  ref: PrincipalRef,
  aspect: RoleAspect,
): Promise<RoleBinding | undefined> {
  const row = await trx
    .selectFrom("role_bindings")
    .selectAll()
    .where("account_id", "=", ref.accountId)
    .where("principal_id", "=", ref.principalId)
    .where("aspect", "=", aspect)
    .executeTakeFirst();
  return row === undefined ? undefined : toBinding(row);
}

async function putRoleBinding(
  trx: Trx,
  touched: Touched,
  binding: RoleBinding,
  aspect: RoleAspect,
): Promise<void> {
  touched.add(principalScope(binding));
  const held = { role_id: binding.roleId, created_at: binding.createdAt };
  await trx
    .insertInto("role_bindings")
    .values({ account_id: binding.accountId, principal_id: binding.principalId, aspect, ...held })
    .onConflict((conflict) => conflict.columns(["account_id", "principal_id", "aspect"]).doUpdateSet(held))
    .execute();
}

function deleteBindings(trx: Trx, touched: Touched, ref: PrincipalRef) {
  touched.add(principalScope(ref));
  return trx
    .deleteFrom("role_bindings")
    .where("account_id", "=", ref.accountId)
    .where("principal_id", "=", ref.principalId)
    .returning("role_id");
}

function toPrincipalRow(principal: Principal): Insertable<PrincipalsTable> {
  const { accountId, principalId, kind, state, version, superAdmin } = principal;
  return {
    account_id: accountId,
    principal_id: principalId,
    kind,
    state,
    version,
    super_admin: superAdmin,
  };
}
