import { reasonOf } from "@portcullis/service";
import { sql } from "kysely";
import { generateSync } from "otplib";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { parseAccountId, parseUserId } from "./domain/ids.ts";
import { relaySessionEndsOnce } from "./domain/session-ends.ts";
import { updateAccount } from "./domain/update-account.ts";
import { as, startTestIdentity, type TestIdentity } from "./testing/start-identity.ts";

const password = "a long enough password";
const root = as("root");

let identity: TestIdentity;
beforeAll(async () => {
  identity = await startTestIdentity();
});
afterAll(() => identity[Symbol.asyncDispose]());
beforeEach(() => {
  identity.forgetAttempts();
  identity.sessions.isReachable = true;
  identity.sessions.beforeCreate = async () => {};
});

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
const requireMfa = (accountId: string, mfaRequired = true) =>
  identity.accounts.updateAccount({ accountId, mfaRequired, updateMask: { paths: ["mfa_required"] } }, root);
async function enrol(token: string): Promise<string> {
  const { secret } = await identity.users.enrolTotp({ password }, as(token));
  await identity.users.confirmTotp({ code: codeOf(secret) }, as(token));
  identity.advance(30_000);
  return secret;
}
/** Resolves when so many wait for locks. */
async function blocked(count: number): Promise<void> {
  for (let waiting = 0; waiting < count; ) {
    const { rows } = await sql`select 1 from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`.execute(identity.database.db);
    waiting = rows.length;
  }
}
/** As a person of the account calls it who is permitted to. */
function requireMfaAs({ accountId, principalId, userId }: Awaited<ReturnType<typeof person>>) {
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
  return updateAccount(
    identity.deps,
    { mutation, accountId: id, self, ...change },
    AbortSignal.timeout(5000),
  );
}
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

test("who has no second factor can't require one of others, nor who is losing it at this moment", async () => {
  const one = await person();
  await expect(requireMfaAs(one)).rejects.toMatchObject({ reason: "SECOND_FACTOR_NOT_SET" });
  await enrol(one.token);
  const { db } = identity.database;
  let late: Promise<unknown> = Promise.resolve();
  await db.transaction().execute(async (trx) => {
    const nothing = { totp_secret: null, totp_confirmed_at: null };
    await trx.updateTable("users").set(nothing).where("id", "=", one.userId).execute();
    late = expect(requireMfaAs(one)).rejects.toMatchObject({ reason: "SECOND_FACTOR_NOT_SET" });
    await blocked(1);
  });
  await late;
});

describe("to require a second factor", () => {
  test("ends the sessions in the account of all who have none, and no others, before it returns", async () => {
    const [strict, withFactor, without] = [await person(), await person(), await person()];
    const account = strict.accountId;
    await enrol(withFactor.token);
    const enter = async ({ email, token }: typeof strict) => {
      await identity.invitations.acceptInvitation({ token: await invite(account, email) }, as(token));
      return identity.signIns.switchAccount({ account }, as(token));
    };
    const [kept, ended] = [await enter(withFactor), await enter(without)];
    await identity.memberships.disableMembership(
      { accountId: account, principalId: ended.principalId },
      root,
    );
    await requireMfa(account);
    const tokens = [strict.token, ended.token, kept.token, withFactor.token, without.token];
    expect(tokens.map((token) => identity.sessions.isOpen(token))).toEqual([false, false, true, true, true]);
  });

  test.each(["sign-in", "switch"])("leaves no session behind that a %s opens at that moment", async (way) => {
    const [strict, one] = [await person(), await person()];
    const account = strict.accountId;
    const { email, token } = one;
    await identity.invitations.acceptInvitation({ token: await invite(account, email) }, as(token));
    const { promise: held, resolve: release } = Promise.withResolvers<void>();
    const { promise: waiting, resolve: arrived } = Promise.withResolvers<void>();
    identity.sessions.beforeCreate = () => {
      arrived();
      return held;
    };
    const late =
      way === "switch"
        ? identity.signIns.switchAccount({ account }, as(token))
        : identity.signIns.signIn({ email, password, account });
    late.catch(() => {});
    await waiting;
    await requireMfa(account);
    release();
    expect(await reason(late)).toBe("SECOND_FACTOR_ENROLMENT_REQUIRED");
    expect(identity.sessions.openOf(account)).toEqual([]);
    expect(identity.sessions.isOpen(token)).toBe(true);
  });

  test.each([
    ["after", "ok", false],
    ["before", "SECOND_FACTOR_ENROLMENT_REQUIRED", true],
  ])(
    "%s somebody disables theirs at the same time leaves no session without one",
    async (order, answer, isOpen) => {
      const { accountId, token } = await person();
      const secret = await enrol(token);
      const require = () => requireMfa(accountId);
      const disable = () => reason(identity.users.disableTotp({ password, code: codeOf(secret) }, as(token)));
      const { db } = identity.database;
      let required: Promise<unknown> = Promise.resolve();
      let disabled: ReturnType<typeof disable> = Promise.resolve("");
      await db.transaction().execute(async (trx) => {
        await trx.selectFrom("accounts").select("id").where("id", "=", accountId).forUpdate().execute();
        if (order === "before") required = require();
        else disabled = disable();
        await blocked(1);
        if (order === "before") disabled = disable();
        else required = require();
        await blocked(2);
      });
      await required;
      expect(await disabled).toBe(answer);
      expect(identity.sessions.isOpen(token)).toBe(isOpen);
    },
  );

  test("with credential away is committed, and the sessions are ended later", async () => {
    const { accountId, token } = await person();
    identity.sessions.isReachable = false;
    expect(await reason(requireMfa(accountId))).toBe("ENFORCEMENT_PENDING");
    expect(await reason(requireMfa(accountId))).toBe("ENFORCEMENT_PENDING");
    identity.sessions.isReachable = true;
    await identity.database.db
      .updateTable("pending_session_ends")
      .set({ due_at: new Date(0) })
      .execute();
    await relaySessionEndsOnce(identity.deps, () => {}, AbortSignal.timeout(5000));
    expect(identity.sessions.isOpen(token)).toBe(false);
    expect(await reason(requireMfa(accountId))).toBe("ok");
  });

  test("once more is not taken for done by what confirms the time before", async () => {
    const { accountId } = await person();
    const id = parseAccountId(accountId);
    const { sessionEnds } = identity.deps;
    const signal = AbortSignal.timeout(5000);
    identity.sessions.isReachable = false;
    await reason(requireMfa(accountId));
    const [first] = await sessionEnds.pendingOfAccount(id, 10, signal);
    await requireMfa(accountId, false);
    await reason(requireMfa(accountId));
    await sessionEnds.confirmInAccounts([first ?? expect.fail()], signal);
    expect(await sessionEnds.pendingOfAccount(id, 10, signal)).toHaveLength(1);
  });
});
