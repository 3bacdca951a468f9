import { reasonOf } from "@portcullis/service";
import { generateSync } from "otplib";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { parseAccountId, parseUserId } from "./domain/ids.ts";
import { updateAccount } from "./domain/update-account.ts";
import { as, startTestIdentity, type TestIdentity } from "./testing/start-identity.ts";

const password = "a long enough password";
const root = as("root");

let identity: TestIdentity;
beforeAll(async () => {
  identity = await startTestIdentity();
});
afterAll(() => identity[Symbol.asyncDispose]());
beforeEach(() => identity.forgetAttempts());

const reason = (call: Promise<unknown>) =>
  call.then(
    () => "ok",
    (error: unknown) => reasonOf(error),
  );
const codeOf = (secret: string) =>
  generateSync({ secret, epoch: Math.floor(identity.now().getTime() / 1000) });
let people = 0;
async function person() {
  const email = `person-${++people}@example.com`;
  await identity.users.signUp({ email, password, accountDisplayName: "Own" });
  await identity.sendMails();
  await identity.users.verifyEmail({ token: identity.mailer.tokenTo(email) });
  const { accountId, token, principalId, userId } = await identity.signIns.signIn({ email, password });
  return { email, accountId, token, principalId, userId };
}
const requireMfa = (accountId: string) =>
  identity.accounts.updateAccount(
    { accountId, mfaRequired: true, updateMask: { paths: ["mfa_required"] } },
    root,
  );
async function invite(accountId: string, email: string) {
  await identity.invitations.createInvitations({ accountId, emails: [email] }, root);
  await identity.sendMails();
  return identity.mailer.tokenTo(email);
}

test("who has no second factor enrols by password, and signs in with it then", async () => {
  const { email, accountId } = await person();
  const { account } = await requireMfa(accountId);
  expect([account?.mfaRequired, account?.displayName]).toEqual([true, "Own"]);
  expect(await reason(identity.signIns.signIn({ email, password }))).toBe("SECOND_FACTOR_ENROLMENT_REQUIRED");
  const wrong = identity.signIns.enrolSecondFactor({ email, password: "not the password" });
  expect(await reason(wrong)).toBe("SIGN_IN_REFUSED");
  const { secret } = await identity.signIns.enrolSecondFactor({ email, password });
  const confirm = (code: string, by = password) =>
    identity.signIns.confirmSecondFactor({ email, password: by, code });
  expect(await reason(confirm("000000"))).toBe("SECOND_FACTOR_INVALID");
  expect(await reason(confirm(codeOf(secret), "not the password"))).toBe("SIGN_IN_REFUSED");
  expect((await confirm(codeOf(secret))).recoveryCodes).toHaveLength(10);
  expect(await reason(identity.signIns.enrolSecondFactor({ email, password }))).toBe("SECOND_FACTOR_SET");
  identity.advance(30_000);
  const session = await identity.signIns.signIn({ email, password, code: codeOf(secret) });
  identity.advance(30_000);
  const disable = identity.users.disableTotp({ password, code: codeOf(secret) }, as(session.token));
  expect(await reason(disable)).toBe("SECOND_FACTOR_ENROLMENT_REQUIRED");
});

test("who has no second factor gets into other accounts only, by sign-in, switch and invitation", async () => {
  const [strict, one] = [await person(), await person()];
  await requireMfa(strict.accountId);
  const invitationToken = await invite(strict.accountId, one.email);
  const { email } = one;
  expect(await reason(identity.signIns.signIn({ email, password, invitationToken }))).toBe(
    "SECOND_FACTOR_ENROLMENT_REQUIRED",
  );
  // The refusal has not used the link up.
  await identity.invitations.acceptInvitation({ token: invitationToken }, as(one.token));
  const account = strict.accountId;
  const refusals = await Promise.all([
    reason(identity.signIns.signIn({ email, password, account })),
    reason(identity.signIns.switchAccount({ account }, as(one.token))),
  ]);
  expect(refusals).toEqual(["SECOND_FACTOR_ENROLMENT_REQUIRED", "SECOND_FACTOR_ENROLMENT_REQUIRED"]);
  expect((await identity.signIns.signIn({ email, password })).accountId).toBe(one.accountId);
});

test("who has no second factor can't require one of others", async () => {
  const { accountId, principalId, userId } = await person();
  const id = parseAccountId(accountId);
  const session = { groupId: "sgn_1", userId: parseUserId(userId) };
  const self = { accountId: id, principalId, credentialId: "cred_1", session };
  const mutation = {
    actor: { kind: "principal", accountId, principalId, credentialId: "cred_1" },
    accountId,
    method: "test",
    requestId: undefined,
    requestDigest: new Uint8Array(),
  } as const;
  const change = { displayName: undefined, mfaRequired: true, etag: undefined };
  await expect(
    updateAccount(identity.deps, { mutation, accountId: id, self, ...change }, AbortSignal.timeout(5000)),
  ).rejects.toMatchObject({ reason: "SECOND_FACTOR_NOT_SET" });
});
