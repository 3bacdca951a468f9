import { reasonOf } from "@portcullis/service";
import { sql } from "kysely";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { relayOnce } from "./domain/relay.ts";
import { as, asWorkload, startTestIdentity, type TestIdentity } from "./testing/start-identity.ts";

const password = "a long enough password";
const root = as("root");

let identity: TestIdentity;
beforeAll(async () => {
  identity = await startTestIdentity();
});
afterAll(() => identity[Symbol.asyncDispose]());
beforeEach(() => identity.forgetAttempts());
afterEach(() => {
  identity.credential.isReachable = true;
});

const reason = (call: Promise<unknown>) =>
  call.then(
    () => "ok",
    (error: unknown) => reasonOf(error),
  );
let people = 0;
/** Somebody with an account of one's own, where there is a service user and an open invitation. */
async function founder() {
  const email = `founder-${++people}@example.com`;
  await identity.users.signUp({ email, password, accountDisplayName: "Own" });
  await identity.sendMails();
  await identity.users.verifyEmail({ token: identity.mailer.tokenTo(email) });
  const { accountId, principalId, userId } = await identity.signIns.signIn({ email, password });
  const { serviceUser } = await identity.serviceUsers.createServiceUser({ accountId, name: "bot" }, root);
  const guest = `guest-${people}@example.com`;
  await identity.invitations.createInvitations({ accountId, emails: [guest] }, root);
  await identity.sendMails();
  const invitationToken = identity.mailer.tokenTo(guest);
  return {
    email,
    userId,
    accountId,
    principalId,
    serviceUserId: serviceUser?.serviceUserId ?? expect.fail(),
    guest,
    invitationToken,
  };
}
const owed = (accountId: string) =>
  identity.database.db
    .selectFrom("pending_enforcements")
    .selectAll()
    .where("account_id", "=", accountId)
    .execute();
const deleteIt = (accountId: string, requestId = "") =>
  reason(identity.accounts.deleteAccount({ accountId, requestId }, root));

test("once the call has returned the account is deleted everywhere, and not found", async () => {
  const { accountId, email, invitationToken } = await founder();
  expect(await deleteIt(accountId)).toBe("ok");
  for (const enforcer of [identity.credential, identity.authorization]) {
    expect(enforcer.stateOf(accountId)).toBe("deleted");
  }
  expect(await owed(accountId)).toEqual([]);
  expect(await reason(identity.accounts.getAccount({ accountId }, root))).toBe("ACCOUNT_NOT_FOUND");
  const { accounts } = await identity.accounts.listAccounts({ pageSize: 500 }, root);
  expect(accounts.map((account) => account.accountId)).not.toContain(accountId);
  expect(await reason(identity.accounts.assignPlan({ accountId, planId: "free" }, root))).toBe(
    "ACCOUNT_NOT_FOUND",
  );
  expect(await reason(identity.serviceUsers.createServiceUser({ accountId, name: "late" }, root))).toBe(
    "ACCOUNT_NOT_FOUND",
  );
  expect(await deleteIt(accountId)).toBe("ACCOUNT_NOT_FOUND");
  expect(await reason(identity.invitations.previewInvitation({ token: invitationToken }))).toBe(
    "LINK_INVALID",
  );
  // The person lives on, in no account.
  expect(await reason(identity.signIns.signIn({ email, password }))).toBe("NO_ACTIVE_MEMBERSHIP");
});

test("nothing of other accounts is touched, not even the same person there", async () => {
  const [one, other] = [await founder(), await founder()];
  const { accountId } = other;
  await identity.invitations.createInvitations({ accountId, emails: [one.email] }, root);
  await identity.sendMails();
  const invitationToken = identity.mailer.tokenTo(one.email);
  await identity.signIns.signIn({ email: one.email, password, invitationToken });
  expect(await deleteIt(one.accountId)).toBe("ok");
  expect((await identity.signIns.signIn({ email: one.email, password })).accountId).toBe(accountId);
  expect(identity.credential.stateOf(other.serviceUserId)).toBe("active");
  expect((await identity.invitations.listInvitations({ accountId }, root)).invitations).toHaveLength(1);
});

test("while an enforcer is away it is not OK, but goes on; a repeat of the request is OK once it is done", async () => {
  const { accountId } = await founder();
  identity.credential.isReachable = false;
  expect(await deleteIt(accountId, "del-1")).toBe("ENFORCEMENT_PENDING");
  expect(await deleteIt(accountId, "del-1")).toBe("ENFORCEMENT_PENDING");
  expect(await reason(identity.accounts.getAccount({ accountId }, root))).toBe("ACCOUNT_NOT_FOUND");
  identity.credential.isReachable = true;
  expect(await deleteIt(accountId, "del-1")).toBe("ok");
  expect(identity.credential.stateOf(accountId)).toBe("deleted");
});

test("the relay delivers a deletion that nobody waits for", async () => {
  const { accountId } = await founder();
  identity.credential.isReachable = false;
  expect(await deleteIt(accountId)).toBe("ENFORCEMENT_PENDING");
  identity.credential.isReachable = true;
  await identity.database.db
    .updateTable("pending_enforcements")
    .set({ due_at: new Date(0) })
    .execute();
  const fail = (_debt: unknown, error: unknown) => expect.fail(String(error));
  while ((await relayOnce(identity.deps, fail, AbortSignal.timeout(5000))) > 0);
  expect(await owed(accountId)).toEqual([]);
  expect(identity.credential.stateOf(accountId)).toBe("deleted");
});

test("a preview counts what would be gone and changes nothing; an outdated etag is refused", async () => {
  const { accountId } = await founder();
  const preview = { accountId, validateOnly: true, requestId: "look" };
  const { dependents } = await identity.accounts.deleteAccount(preview, root);
  expect(dependents.map(({ kind, count }) => [kind, Number(count)])).toEqual([
    ["service_users", 1],
    ["members", 1],
    ["invitations", 1],
  ]);
  expect(await owed(accountId)).toEqual([]);
  expect((await identity.accounts.getAccount({ accountId }, root)).account?.etag).toBe("v1");
  expect(await reason(identity.accounts.deleteAccount({ accountId, etag: "v0" }, root))).toBe(
    "ETAG_MISMATCH",
  );
});

test("however many principals there are, each enforcer is told once, and what was owed of them is forgotten", async () => {
  const { accountId, serviceUserId } = await founder();
  identity.credential.isReachable = false;
  const deactivate = identity.serviceUsers.deactivateServiceUser({ accountId, serviceUserId }, root);
  expect(await reason(deactivate)).toBe("ENFORCEMENT_PENDING");
  identity.credential.isReachable = true;
  await sql`insert into service_users
    select ${accountId}, 'svc_' || lpad(n::text, 26, '0'), 'n' || n, 'n' || n, '', 'locked', 'active', now(), now(), 7
    from generate_series(1, 100) as n`.execute(identity.database.db);
  const before = identity.credential.told.length;
  expect(await deleteIt(accountId)).toBe("ok");
  expect(identity.credential.told.slice(before)).toEqual([accountId]);
  expect(await owed(accountId)).toEqual([]);
  const { rows } = await sql`select 1 from service_users
    where account_id = ${accountId} and state <> 'deleted'`.execute(identity.database.db);
  expect(rows).toEqual([]);
});

test("a change of a principal that was pending when its account was deleted is OK no sooner than the deletion", async () => {
  const { accountId, serviceUserId } = await founder();
  identity.credential.isReachable = false;
  const request = { accountId, serviceUserId, requestId: "off-1" };
  const deactivate = () => reason(identity.serviceUsers.deactivateServiceUser(request, root));
  expect(await deactivate()).toBe("ENFORCEMENT_PENDING");
  expect(await deleteIt(accountId)).toBe("ENFORCEMENT_PENDING");
  expect(await deactivate()).toBe("ENFORCEMENT_PENDING");
  identity.credential.isReachable = true;
  expect(await deactivate()).toBe("ok");
  expect(identity.credential.stateOf(accountId)).toBe("deleted");
});

test("a late delivery about a principal of the account agrees that it is gone", async () => {
  const { accountId, serviceUserId } = await founder();
  const held = Promise.withResolvers<void>();
  const arrived = Promise.withResolvers<void>();
  identity.credential.beforeApply = async (enforced) => {
    if (enforced.kind !== "service_user") return;
    arrived.resolve();
    await held.promise;
  };
  const deactivation = reason(
    identity.serviceUsers.deactivateServiceUser({ accountId, serviceUserId }, root),
  );
  await arrived.promise;
  expect(await deleteIt(accountId)).toBe("ok");
  held.resolve();
  expect(await deactivation).toBe("ok");
  identity.credential.beforeApply = async () => {};
  expect(await owed(accountId)).toEqual([]);
});

test("whoever lacks the permission is refused, and a foreign account is not found", async () => {
  expect(await reason(identity.accounts.deleteAccount({}, as("developer")))).toBe("PERMISSION_DENIED");
  const foreign = { accountId: identity.globex };
  expect(await reason(identity.accounts.deleteAccount(foreign, as("admin")))).toBe("ACCOUNT_NOT_FOUND");
});

test("what is created at the same time does not outlive the account", async () => {
  const { accountId, serviceUserId, guest, invitationToken } = await founder();
  const { db } = identity.database;
  const release = Promise.withResolvers<void>();
  const holding = Promise.withResolvers<void>();
  // Holds up the deletion after it has locked the account.
  const holder = db.transaction().execute(async (trx) => {
    await trx.selectFrom("service_users").selectAll().where("id", "=", serviceUserId).forUpdate().execute();
    holding.resolve();
    await release.promise;
  });
  await holding.promise;
  const deletion = deleteIt(accountId);
  await waiting(1);
  const late = [
    reason(identity.serviceUsers.createServiceUser({ accountId, name: "late" }, root)),
    reason(identity.invitations.createInvitations({ accountId, emails: ["late@example.com"] }, root)),
    reason(
      identity.users.signUp({
        email: guest,
        password,
        accountDisplayName: "",
        displayName: "",
        invitationToken,
      }),
    ),
  ];
  await waiting(4);
  release.resolve();
  await holder;
  expect(await deletion).toBe("ok");
  expect(await Promise.all(late)).toEqual(["ACCOUNT_NOT_FOUND", "ACCOUNT_NOT_FOUND", "LINK_INVALID"]);
  const living = await sql`
    select id from service_users where account_id = ${accountId} and state <> 'deleted'
    union all select principal_id from memberships where account_id = ${accountId} and state <> 'deleted'
    union all select id from invitations where account_id = ${accountId} and state = 'pending'`.execute(db);
  expect(living.rows).toEqual([]);
  expect(identity.credential.stateOf(accountId)).toBe("deleted");
});

test("what was about to be created when the deletion came is deleted with it", async () => {
  const { accountId } = await founder();
  const release = Promise.withResolvers<void>();
  const holding = Promise.withResolvers<string>();
  const { db } = identity.database;
  const creation = db.transaction().execute(async (trx) => {
    await trx.selectFrom("accounts").select("id").where("id", "=", accountId).forKeyShare().execute();
    const now = new Date();
    const id = `svc_${"7".repeat(26)}`;
    const texts = { name: "early", name_key: "early", description: "", state_underneath: null };
    const row = { account_id: accountId, id, ...texts, state: "active" as const, created_at: now };
    await trx
      .insertInto("service_users")
      .values({ ...row, updated_at: now, version: 1 })
      .execute();
    holding.resolve(id);
    await release.promise;
  });
  const id = await holding.promise;
  const deletion = deleteIt(accountId);
  await waiting(1);
  release.resolve();
  await creation;
  expect(await deletion).toBe("ok");
  const { rows } = await sql`select state from service_users where id = ${id}`.execute(db);
  expect(rows).toEqual([{ state: "deleted" }]);
});

test("neither the installation's first account nor the last super administrator's can be deleted", async () => {
  const first = await identity.installation.bootstrapInstallation(
    { accountDisplayName: "First", email: "root@example.com" },
    await asWorkload("operator"),
  );
  expect(await deleteIt(first.accountId)).toBe("FIRST_ACCOUNT");
  const second = await founder();
  await identity.superAdmins.addSuperAdmin({ userId: second.userId }, root);
  await identity.superAdmins.removeSuperAdmin({ userId: first.userId }, root);
  expect(await deleteIt(second.accountId)).toBe("LAST_SUPER_ADMIN");
  expect((await identity.accounts.getAccount({ accountId: second.accountId }, root)).account).toBeDefined();
  await identity.superAdmins.addSuperAdmin({ userId: first.userId }, root);
  expect(await deleteIt(second.accountId)).toBe("ok");
});

/** Resolves when so many transactions wait for another one. */
async function waiting(count: number): Promise<void> {
  await expect
    .poll(
      async () => {
        const { rows } = await sql`select 1 from pg_stat_activity
          where datname = current_database() and cardinality(pg_blocking_pids(pid)) > 0`.execute(
          identity.database.db,
        );
        return rows.length;
      },
      { interval: 5 },
    )
    .toBeGreaterThanOrEqual(count);
}
