import { reasonOf } from "@portcullis/service";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { as, asWorkload, startTestIdentity, type TestIdentity } from "./testing/start-identity.ts";

const password = "a long enough password";
const root = as("root");

let identity: TestIdentity;
let founder: { readonly accountId: string; readonly userId: string };
beforeAll(async () => {
  identity = await startTestIdentity();
  founder = await identity.installation.bootstrapInstallation(
    { accountDisplayName: "First", email: "root@example.com" },
    await asWorkload("operator"),
  );
});
afterAll(() => identity[Symbol.asyncDispose]());
beforeEach(() => identity.forgetAttempts());

const reason = (call: Promise<unknown>) =>
  call.then(
    () => "ok",
    (error: unknown) => reasonOf(error),
  );
let people = 0;
async function person() {
  const email = `operator-${++people}@example.com`;
  await identity.users.signUp({ email, password, accountDisplayName: "Own" });
  await identity.sendMails();
  await identity.users.verifyEmail({ token: identity.mailer.tokenTo(email) });
  const { token, userId, principalId, accountId } = await identity.signIns.signIn({ email, password });
  return { email, userId, principalId, accountId, options: as(token) };
}
const add = (userId: string) => reason(identity.superAdmins.addSuperAdmin({ userId }, root));
const remove = (userId: string) => reason(identity.superAdmins.removeSuperAdmin({ userId }, root));
const list = async () =>
  (await identity.superAdmins.listSuperAdmins({}, root)).superAdmins.map(({ userId }) => userId);

test("the last one can't be removed, leave, or be disabled, and is listed", async () => {
  expect(await list()).toEqual([founder.userId]);
  expect(await remove(founder.userId)).toBe("LAST_SUPER_ADMIN");
  const member = { accountId: founder.accountId, principalId: founder.userId };
  expect(await reason(identity.memberships.disableMembership(member, root))).toBe("LAST_SUPER_ADMIN");
  expect(await reason(identity.memberships.removeMembership(member, root))).toBe("LAST_SUPER_ADMIN");
});

test("a change is enforced in every account of the person once the call has returned", async () => {
  const one = await person();
  const before = identity.authorization.versionOf(one.principalId) ?? 0;
  expect(await add(one.userId)).toBe("ok");
  expect(identity.authorization.isSuperAdmin(one.principalId)).toBe(true);
  expect(identity.authorization.versionOf(one.principalId)).toBe(before + 1);
  expect(await add(one.userId)).toBe("ok");
  expect(identity.authorization.versionOf(one.principalId)).toBe(before + 1);
  expect(await remove(one.userId)).toBe("ok");
  expect(identity.authorization.isSuperAdmin(one.principalId)).toBe(false);
});

test("is not answered with OK while authorization is away, and is when it is back", async () => {
  const one = await person();
  identity.authorization.isReachable = false;
  expect(await add(one.userId)).toBe("ENFORCEMENT_PENDING");
  identity.authorization.isReachable = true;
  expect(await add(one.userId)).toBe("ok");
  expect(await remove(one.userId)).toBe("ok");
});

test("of two who are removed at once, one stays", async () => {
  const two = await person();
  await add(two.userId);
  const answers = await Promise.all([remove(founder.userId), remove(two.userId)]);
  expect(answers.toSorted()).toEqual(["LAST_SUPER_ADMIN", "ok"]);
  const left = await list();
  expect(left).toHaveLength(1);
  await add(founder.userId);
  await remove(two.userId);
});

test("one can't be deleted as a person, and only operators make and unmake them", async () => {
  const one = await person();
  await add(one.userId);
  expect(await reason(identity.users.deleteUser({ password }, one.options))).toBe("USER_IS_SUPER_ADMIN");
  expect(await remove(one.userId)).toBe("ok");
  const request = { userId: one.userId };
  expect(await reason(identity.superAdmins.addSuperAdmin(request, as("admin")))).toBe("PERMISSION_DENIED");
  expect(await reason(identity.superAdmins.listSuperAdmins({}, as("admin")))).toBe("PERMISSION_DENIED");
  expect(await add("user_unknown")).toBe("USER_NOT_FOUND");
});
