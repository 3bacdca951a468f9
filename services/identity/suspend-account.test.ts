import { AccountState } from "@portcullis/contracts/portcullis/common/v1/account_pb.ts";
import { reasonOf } from "@portcullis/service";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { parseAccountId } from "./domain/ids.ts";
import { relayOnce } from "./domain/relay.ts";
import { as, asWorkload, startTestIdentity, type TestIdentity } from "./testing/start-identity.ts";

const password = "a long enough password";
const root = as("root");
const { ACTIVE, SUSPENDED } = AccountState;

let identity: TestIdentity;
beforeAll(async () => {
  identity = await startTestIdentity();
});
afterAll(() => identity[Symbol.asyncDispose]());
beforeEach(() => identity.forgetAttempts());
afterEach(() => {
  for (const enforcer of [identity.credential, identity.authorization]) {
    enforcer.isReachable = true;
    enforcer.beforeApply = async () => {};
    enforcer.dependents = [];
  }
});

const reason = (call: Promise<unknown>) =>
  call.then(
    () => "ok",
    (error: unknown) => reasonOf(error),
  );
let people = 0;
/** Somebody with an account of one's own, where there is a service user. */
async function founder() {
  const email = `owner-${++people}@example.com`;
  await identity.users.signUp({ email, password, accountDisplayName: "Own" });
  await identity.sendMails();
  await identity.users.verifyEmail({ token: identity.mailer.tokenTo(email) });
  const { accountId, userId } = await identity.signIns.signIn({ email, password });
  await identity.serviceUsers.createServiceUser({ accountId, name: "bot" }, root);
  return { email, userId, accountId };
}
const owed = async (accountId: string) =>
  (
    await identity.database.db
      .selectFrom("pending_enforcements")
      .select("enforcer")
      .where("account_id", "=", accountId)
      .orderBy("enforcer")
      .execute()
  ).map(({ enforcer }) => enforcer);
const suspend = (accountId: string, more: object = {}) =>
  identity.accounts.suspendAccount({ accountId, ...more }, root);
const restore = (accountId: string, more: object = {}) =>
  identity.accounts.restoreAccount({ accountId, ...more }, root);
const states = (accountId: string) => [
  identity.credential.stateOf(accountId),
  identity.authorization.stateOf(accountId),
];

test("once the call has returned every enforcer holds the account to be suspended, and active once restored", async () => {
  const { accountId } = await founder();
  const { account } = await suspend(accountId);
  expect(account).toMatchObject({ accountId, state: SUSPENDED, etag: "v2" });
  expect(states(accountId)).toEqual(["suspended", "suspended"]);
  // Operators still look into it and change it.
  expect((await identity.accounts.getAccount({ accountId }, root)).account?.state).toBe(SUSPENDED);
  expect(await reason(identity.serviceUsers.createServiceUser({ accountId, name: "late" }, root))).toBe("ok");
  expect((await restore(accountId)).account).toMatchObject({ state: ACTIVE, etag: "v3" });
  expect(states(accountId)).toEqual(["active", "active"]);
  expect(await owed(accountId)).toEqual([]);
});

test("an account that was never suspended owes nothing, and nobody is told of it", async () => {
  const { account } = await identity.accounts.createAccount({ displayName: "Plain" }, root);
  const accountId = account?.accountId ?? "";
  expect(account?.state).toBe(ACTIVE);
  expect(await owed(accountId)).toEqual([]);
  expect(states(accountId)).toEqual([undefined, undefined]);
});

test("while an enforcer is away it is not OK, but committed and owed; a repeat is OK once it is enforced", async () => {
  const { accountId } = await founder();
  identity.credential.isReachable = false;
  const call = () => reason(suspend(accountId, { requestId: "sus-1" }));
  expect([await call(), await call()]).toEqual(["ENFORCEMENT_PENDING", "ENFORCEMENT_PENDING"]);
  expect((await identity.accounts.getAccount({ accountId }, root)).account?.state).toBe(SUSPENDED);
  expect(await owed(accountId)).toEqual(["credential"]);
  // Without the request id too: it is suspended already, and what is owed is waited for.
  expect(await reason(suspend(accountId))).toBe("ENFORCEMENT_PENDING");
  identity.credential.isReachable = true;
  expect(await call()).toBe("ok");
  expect(states(accountId)).toEqual(["suspended", "suspended"]);
});

test("the relay delivers what a call could not", async () => {
  const { accountId } = await founder();
  identity.credential.isReachable = false;
  expect(await reason(suspend(accountId))).toBe("ENFORCEMENT_PENDING");
  identity.credential.isReachable = true;
  await identity.database.db
    .updateTable("pending_enforcements")
    .set({ due_at: new Date(0) })
    .execute();
  const fail = (_debt: unknown, error: unknown) => expect.fail(String(error));
  while ((await relayOnce(identity.deps, fail, AbortSignal.timeout(5000))) > 0);
  expect(states(accountId)).toEqual(["suspended", "suspended"]);
});

test("a restoration that overtakes the suspension's delivery is not undone by it", async () => {
  const { accountId } = await founder();
  const held = Promise.withResolvers<void>();
  const arrived = Promise.withResolvers<void>();
  identity.credential.beforeApply = async ({ kind, version }) => {
    if (kind !== "account" || version !== 2) return;
    arrived.resolve();
    await held.promise;
  };
  const suspension = suspend(accountId);
  await arrived.promise;
  await restore(accountId);
  held.resolve();
  await suspension;
  expect(states(accountId)).toEqual(["active", "active"]);
  expect(await owed(accountId)).toEqual([]);
});

test("an enforcer that remembers what a restored identity lost has confirmed nothing", async () => {
  const { accountId } = await founder();
  await identity.authorization.apply({
    kind: "account",
    accountId: parseAccountId(accountId),
    state: "active",
    version: 2,
  });
  expect(await reason(suspend(accountId))).toBe("ENFORCEMENT_PENDING");
  expect(await owed(accountId)).toEqual(["authorization"]);
});

test("a preview tells what would stop working and changes nothing; an outdated etag is refused", async () => {
  const { accountId } = await founder();
  identity.credential.dependents = [{ kind: "api_keys", count: 4 }];
  const { account, dependents } = await suspend(accountId, { validateOnly: true, requestId: "look" });
  expect(account?.state).toBe(SUSPENDED);
  expect(dependents.map(({ kind, count }) => [kind, Number(count)])).toEqual([
    ["service_users", 1],
    ["members", 1],
    ["api_keys", 4],
  ]);
  expect((await identity.accounts.getAccount({ accountId }, root)).account).toMatchObject({
    state: ACTIVE,
    etag: "v1",
  });
  expect(states(accountId)).toEqual([undefined, undefined]);
  expect(await reason(suspend(accountId, { etag: "v0" }))).toBe("ETAG_MISMATCH");
  identity.credential.isReachable = false;
  expect(await reason(suspend(accountId, { validateOnly: true }))).toBe("DEPENDENCY_UNAVAILABLE");
});

test("each change has its audit event, and one that changes nothing has none", async () => {
  const { accountId } = await founder();
  await suspend(accountId);
  await suspend(accountId);
  await restore(accountId);
  await restore(accountId);
  const events = await identity.database.db
    .selectFrom("audit_outbox")
    .selectAll()
    .where("target_id", "=", accountId)
    .orderBy("id")
    .execute();
  expect(events.map(({ action, detail }) => [action, detail])).toEqual([
    ["account.suspend", { displayName: "Own", state: "suspended", version: 2 }],
    ["account.restore", { displayName: "Own", state: "active", version: 3 }],
  ]);
});

test("is for operators alone: an administrator neither suspends nor restores the own account", async () => {
  for (const call of [
    () => identity.accounts.suspendAccount({}, as("admin")),
    () => identity.accounts.restoreAccount({}, as("admin")),
  ]) {
    expect(await reason(call())).toBe("PERMISSION_DENIED");
  }
  const foreign = { accountId: identity.globex };
  expect(await reason(identity.accounts.suspendAccount(foreign, as("admin")))).toBe("ACCOUNT_NOT_FOUND");
  expect(await reason(suspend("acct_none"))).toBe("ACCOUNT_NOT_FOUND");
});

test("a suspended account can be deleted, and then neither suspended nor restored", async () => {
  const { accountId } = await founder();
  await suspend(accountId);
  expect(await reason(identity.accounts.deleteAccount({ accountId }, root))).toBe("ok");
  expect(states(accountId)).toEqual(["deleted", "deleted"]);
  expect(await reason(restore(accountId))).toBe("ACCOUNT_NOT_FOUND");
  expect(await reason(suspend(accountId))).toBe("ACCOUNT_NOT_FOUND");
});

test("who is in another account as well signs in there; the suspended one is not chosen but where it is named", async () => {
  const [one, other] = [await founder(), await founder()];
  await identity.invitations.createInvitations({ accountId: other.accountId, emails: [one.email] }, root);
  await identity.sendMails();
  const invitationToken = identity.mailer.tokenTo(one.email);
  await identity.signIns.signIn({ email: one.email, password, invitationToken });
  const signIn = async () => (await identity.signIns.signIn({ email: one.email, password })).accountId;
  expect(await signIn()).toBe(one.accountId);
  await suspend(one.accountId);
  expect(await signIn()).toBe(other.accountId);
  await restore(one.accountId);
  expect(await signIn()).toBe(one.accountId);
});

test("neither the installation's first account nor the last super administrator's can be suspended", async () => {
  const first = await identity.installation.bootstrapInstallation(
    { accountDisplayName: "First", email: "root@example.com" },
    await asWorkload("operator"),
  );
  expect(await reason(suspend(first.accountId))).toBe("FIRST_ACCOUNT");
  const [second, third] = [await founder(), await founder()];
  for (const { userId } of [second, third]) await identity.superAdmins.addSuperAdmin({ userId }, root);
  await identity.superAdmins.removeSuperAdmin({ userId: first.userId }, root);
  await suspend(second.accountId);
  expect(await reason(suspend(third.accountId))).toBe("LAST_SUPER_ADMIN");
  expect(await reason(suspend(third.accountId, { validateOnly: true }))).toBe("LAST_SUPER_ADMIN");
  // Who is in a suspended account only can't sign in, so does not count.
  const remove = (userId: string) => reason(identity.superAdmins.removeSuperAdmin({ userId }, root));
  expect(await remove(third.userId)).toBe("LAST_SUPER_ADMIN");
  await restore(second.accountId);
  expect(await remove(third.userId)).toBe("ok");
});
