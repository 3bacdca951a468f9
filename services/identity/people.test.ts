import { reasonOf } from "@portcullis/service";
import { generateSync } from "otplib";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { relayOnce } from "./domain/relay.ts";
import { relaySessionEndsOnce } from "./domain/session-ends.ts";
import { as, startTestIdentity, type TestIdentity } from "./testing/start-identity.ts";

const hourMs = 3_600_000;
const password = "a long enough password";

let identity: TestIdentity;
beforeAll(async () => {
  identity = await startTestIdentity();
});
afterAll(() => identity[Symbol.asyncDispose]());
beforeEach(() => {
  identity.forgetAttempts();
  identity.sessions.isReachable = true;
  identity.sessions.beforeCreate = async () => {};
  identity.mailer.isReachable = true;
});

const reason = (call: Promise<unknown>) =>
  call.then(
    () => "ok",
    (error: unknown) => reasonOf(error),
  );
const signal = () => AbortSignal.timeout(10_000);

let people = 0;
/** Somebody who has signed up, and not yet verified the address. */
async function signUp(): Promise<string> {
  const email = `person-${++people}@example.com`;
  await identity.users.signUp({ email, password, displayName: "Ann", accountDisplayName: "Ann's" });
  await identity.sendMails();
  return email;
}
async function verified(): Promise<string> {
  const email = await signUp();
  await identity.users.verifyEmail({ token: identity.mailer.tokenTo(email) });
  return email;
}
async function signedIn(email: string) {
  const answer = await identity.signIns.signIn({ email, password });
  return { ...answer, options: as(answer.token) };
}
async function resetToken(email: string): Promise<string> {
  await identity.users.requestPasswordReset({ email });
  await identity.sendMails();
  return identity.mailer.tokenTo(email);
}
const code = (secret: string, at = identity.now()) =>
  generateSync({ secret, epoch: Math.floor(at.getTime() / 1000) });
async function withTotp(email: string) {
  const { options } = await signedIn(email);
  const { secret } = await identity.users.enrolTotp({ password }, options);
  const { recoveryCodes } = await identity.users.confirmTotp({ code: code(secret) }, options);
  return { secret, recoveryCodes, options };
}

describe("signing up", () => {
  test("makes a person who can sign in once the address is verified, as administrator of a new account", async () => {
    const email = await signUp();
    expect(await reason(identity.signIns.signIn({ email, password }))).toBe("EMAIL_NOT_VERIFIED");
    await identity.users.verifyEmail({ token: identity.mailer.tokenTo(email) });
    const { token, accountId, principalId, userId, options } = await signedIn(email);
    expect(identity.sessions.isOpen(token)).toBe(true);
    expect(principalId).not.toBe(userId);
    expect(identity.credential.stateOf(principalId)).toBe("active");
    expect(identity.authorization.grantsOf(principalId)).toEqual([
      { kind: "role", targetId: "administrator" },
    ]);
    const { user } = await identity.users.getUser({}, options);
    expect(user).toMatchObject({
      userId,
      email,
      displayName: "Ann",
      emailVerified: true,
      totpEnabled: false,
    });
    expect(accountId).toMatch(/^acct_/);
  });

  test("with an address that has a user is answered alike, and only the owner learns of it", async () => {
    const email = await verified();
    const answer = await identity.users.signUp({
      email: email.toUpperCase(),
      password: "another long password",
      accountDisplayName: "x",
    });
    expect(answer).toEqual(
      await identity.users.signUp({ email: "new@example.com", password, accountDisplayName: "x" }),
    );
    await identity.sendMails();
    expect(identity.mailer.to(email.toUpperCase()).at(-1)?.subject).toBe("You have signed up already");
    expect(await reason(identity.signIns.signIn({ email, password: "another long password" }))).toBe(
      "SIGN_IN_REFUSED",
    );
    expect(await reason(signedIn(email))).toBe("ok");
  });

  test("twice at once with one address makes one person", async () => {
    const email = `person-${++people}@example.com`;
    const request = { email, password, accountDisplayName: "x" };
    await Promise.all([identity.users.signUp(request), identity.users.signUp(request)]);
    const rows = await identity.database.db
      .selectFrom("users")
      .select("id")
      .where("email_key", "=", email)
      .execute();
    expect(rows).toHaveLength(1);
  });

  test("with one request id twice sends one mail", async () => {
    const email = `person-${++people}@example.com`;
    const request = { email, password, accountDisplayName: "x", requestId: "sign-up-1" };
    await identity.users.signUp(request);
    await identity.users.signUp(request);
    await identity.sendMails();
    expect(identity.mailer.to(email)).toHaveLength(1);
  });

  test.each([
    ["too short", "short"],
    ["the address", "weak.one@example.com"],
    ["one of the commonest", "Password1234"],
    ["too long", "x".repeat(129)],
  ])("a password that is %s is refused", async (_name, weak) => {
    const request = { email: "weak.one@example.com", password: weak, accountDisplayName: "x" };
    expect(await reason(identity.users.signUp(request))).toBe("PASSWORD_WEAK");
  });

  test("a crash between the enforcers' confirmation and the first role loses nothing", async () => {
    const email = await signUp();
    const crash = Promise.reject(new Error("the process is gone"));
    crash.catch(() => {});
    identity.authorization.beforeGrant = () => crash;
    const token = identity.mailer.tokenTo(email);
    expect(await reason(identity.users.verifyEmail({ token, requestId: "v-1" }))).toBe("ENFORCEMENT_PENDING");
    identity.authorization.beforeGrant = async () => {};
    await identity.database.db
      .updateTable("pending_enforcements")
      .set({ due_at: new Date(0) })
      .execute();
    await relayOnce(identity.deps, () => {}, signal());
    expect(await reason(identity.users.verifyEmail({ token, requestId: "v-1" }))).toBe("ok");
    const { principalId } = await signedIn(email);
    expect(identity.authorization.grantsOf(principalId)).toHaveLength(1);
    const owed = await identity.database.db.selectFrom("membership_grants").selectAll().execute();
    expect(owed.filter(({ principal_id }) => principal_id === principalId)).toEqual([]);
  });

  test("the link verifies once, within a day", async () => {
    const email = await signUp();
    const token = identity.mailer.tokenTo(email);
    await identity.users.verifyEmail({ token });
    expect(await reason(identity.users.verifyEmail({ token }))).toBe("LINK_INVALID");
    const late = await signUp();
    identity.advance(24 * hourMs);
    expect(await reason(identity.users.verifyEmail({ token: identity.mailer.tokenTo(late) }))).toBe(
      "LINK_INVALID",
    );
  });
});

describe("signing in", () => {
  test("an unknown address and a wrong password have one answer", async () => {
    const email = await verified();
    const wrong = identity.signIns.signIn({ email, password: "wrong" }).catch((error: unknown) => error);
    const unknown = identity.signIns
      .signIn({ email: "nobody@example.com", password })
      .catch((error: unknown) => error);
    expect(String(await wrong)).toBe(String(await unknown));
    expect(reasonOf(await wrong)).toBe("SIGN_IN_REFUSED");
  });

  test("after ten failures is refused even with the right password, for that person only, until later", async () => {
    const [email, other] = [await verified(), await verified()];
    for (let attempt = 0; attempt < 10; attempt++) {
      expect(await reason(identity.signIns.signIn({ email, password: "wrong" }))).toBe("SIGN_IN_REFUSED");
    }
    expect(await reason(signedIn(email))).toBe("TOO_MANY_ATTEMPTS");
    expect(await reason(signedIn(other))).toBe("ok");
    identity.advance(15 * 60_000);
    expect(await reason(signedIn(email))).toBe("ok");
  });

  test("goes to the account that is named, if the person is an active member there", async () => {
    const email = await verified();
    const { accountId } = await signedIn(email);
    const to = (account: string) => identity.signIns.signIn({ email, password, account });
    expect((await to(accountId)).accountId).toBe(accountId);
    expect(await reason(to(identity.acme))).toBe("NO_ACTIVE_MEMBERSHIP");
  });

  test("with a password that is changed at this very moment leaves no session behind", async () => {
    const email = await verified();
    const { options } = await signedIn(email);
    const { promise: held, resolve: release } = Promise.withResolvers<void>();
    const { promise: waiting, resolve: arrived } = Promise.withResolvers<void>();
    identity.sessions.beforeCreate = () => {
      arrived();
      return held;
    };
    const late = identity.signIns.signIn({ email, password });
    late.catch(() => {});
    await waiting;
    await identity.users.changePassword(
      { currentPassword: password, newPassword: "an entirely new one" },
      options,
    );
    release();
    expect(await reason(late)).toBe("SIGN_IN_REFUSED");
  });

  test("out ends the sessions of the sign-in in all accounts, and of no other sign-in", async () => {
    const email = await verified();
    const [first, second] = [await signedIn(email), await signedIn(email)];
    const switched = await identity.signIns.switchAccount({ account: first.accountId }, first.options);
    await identity.signIns.signOut({}, first.options);
    expect(identity.sessions.isOpen(first.token)).toBe(false);
    expect(identity.sessions.isOpen(switched.token)).toBe(false);
    expect(identity.sessions.isOpen(second.token)).toBe(true);
  });

  test("and switching accounts tell the new session where they came from", async () => {
    const email = await verified();
    const { token, accountId, options } = await signedIn(email);
    const headers = { ...options.headers, "user-agent": "Firefox" };
    const switched = await identity.signIns.switchAccount({ account: accountId }, { headers });
    expect(identity.sessions.find(token)).toMatchObject({ sourceIp: "127.0.0.1" });
    expect(identity.sessions.find(switched.token)).toMatchObject({
      sourceIp: "127.0.0.1",
      userAgent: "Firefox",
    });
  });

  test("only who has signed in can switch accounts or sign out", async () => {
    expect(await reason(identity.signIns.signOut({}, as("admin")))).toBe("SESSION_REQUIRED");
    expect(await reason(identity.signIns.switchAccount({ account: identity.acme }, as("admin")))).toBe(
      "SESSION_REQUIRED",
    );
  });
});

describe("a new password", () => {
  test("ends all other sign-ins, and takes the old one", async () => {
    const email = await verified();
    const [own, other] = [await signedIn(email), await signedIn(email)];
    const change = (currentPassword: string) =>
      identity.users.changePassword({ currentPassword, newPassword: "an entirely new one" }, own.options);
    expect(await reason(change("wrong"))).toBe("PASSWORD_WRONG");
    await change(password);
    expect(identity.sessions.isOpen(own.token)).toBe(true);
    expect(identity.sessions.isOpen(other.token)).toBe(false);
    expect(await reason(signedIn(email))).toBe("SIGN_IN_REFUSED");
    await identity.sendMails();
    expect(identity.mailer.to(email).at(-1)?.subject).toBe("Your password was changed");
  });

  test("with credential away is committed, and the sessions are ended later", async () => {
    const email = await verified();
    const [own, other] = [await signedIn(email), await signedIn(email)];
    const request = { currentPassword: password, newPassword: "an entirely new one", requestId: "c-1" };
    identity.sessions.isReachable = false;
    expect(await reason(identity.users.changePassword(request, own.options))).toBe("ENFORCEMENT_PENDING");
    identity.sessions.isReachable = true;
    await identity.database.db
      .updateTable("pending_session_ends")
      .set({ due_at: new Date(0) })
      .execute();
    await relaySessionEndsOnce(identity.deps, () => {}, signal());
    expect(identity.sessions.isOpen(other.token)).toBe(false);
    expect(await reason(identity.users.changePassword(request, own.options))).toBe("ok");
  });

  test("is set by a link that works once, within an hour, and ends every sign-in", async () => {
    const email = await verified();
    const { token: session } = await signedIn(email);
    const token = await resetToken(email);
    expect(await reason(identity.users.resetPassword({ token, newPassword: "short" }))).toBe("PASSWORD_WEAK");
    await identity.users.resetPassword({ token, newPassword: "an entirely new one" });
    expect(identity.sessions.isOpen(session)).toBe(false);
    const again = identity.users.resetPassword({ token, newPassword: "yet another one" });
    expect(await reason(again)).toBe("LINK_INVALID");
    const late = await resetToken(email);
    identity.advance(hourMs);
    expect(await reason(identity.users.resetPassword({ token: late, newPassword: "yet another one" }))).toBe(
      "LINK_INVALID",
    );
  });

  test("is set once by two who use one link at once", async () => {
    const email = await verified();
    const token = await resetToken(email);
    const answers = await Promise.all(
      ["the first new one", "the second new one"].map((newPassword) =>
        reason(identity.users.resetPassword({ token, newPassword })),
      ),
    );
    expect(answers.toSorted()).toEqual(["LINK_INVALID", "ok"]);
  });

  test("for an address without a user is answered alike, and no mail is sent", async () => {
    const unknown = await identity.users.requestPasswordReset({ email: "nobody@example.com" });
    expect(unknown).toEqual(await identity.users.requestPasswordReset({ email: await verified() }));
    await identity.sendMails();
    expect(identity.mailer.to("nobody@example.com")).toEqual([]);
  });

  test("is offered by at most three links at once, and an hour later again", async () => {
    const email = await verified();
    const before = identity.mailer.to(email).length;
    for (let request = 0; request < 5; request++) await resetToken(email);
    expect(identity.mailer.to(email).length - before).toBe(3);
    identity.advance(hourMs);
    await resetToken(email);
    expect(identity.mailer.to(email).length - before).toBe(4);
  });
});

describe("a second factor", () => {
  test("is asked for once it is confirmed, and each code is good once", async () => {
    const email = await verified();
    const other = await signedIn(email);
    const { secret } = await withTotp(email);
    expect(identity.sessions.isOpen(other.token)).toBe(false);
    const enter = (sent: string) => reason(identity.signIns.signIn({ email, password, code: sent }));
    expect(await enter("")).toBe("SECOND_FACTOR_REQUIRED");
    expect(await enter("000000")).toBe("SECOND_FACTOR_INVALID");
    expect(await enter(code(secret))).toBe("SECOND_FACTOR_INVALID");
    identity.advance(30_000);
    const next = code(secret);
    const both = await Promise.all([enter(next), enter(next)]);
    expect(both.toSorted()).toEqual(["SECOND_FACTOR_INVALID", "ok"]);
  });

  test("is told of to nobody without the password", async () => {
    const email = await verified();
    const { secret } = await withTotp(email);
    identity.advance(30_000);
    const request = { email, password: "wrong", code: code(secret) };
    expect(await reason(identity.signIns.signIn(request))).toBe("SIGN_IN_REFUSED");
  });

  test("has recovery codes, each good once, however they are typed", async () => {
    const email = await verified();
    const { recoveryCodes, options } = await withTotp(email);
    expect(new Set(recoveryCodes).size).toBe(10);
    const [first = "", second = ""] = recoveryCodes;
    const enter = (sent: string) => reason(identity.signIns.signIn({ email, password, code: sent }));
    expect(await enter(first.toUpperCase().replaceAll("-", " "))).toBe("ok");
    expect(await enter(first)).toBe("SECOND_FACTOR_INVALID");
    expect(await enter(second)).toBe("ok");
    expect((await identity.users.getUser({}, options)).user?.recoveryCodesLeft).toBe(8);
  });

  test("is ended with password and code, and can be enrolled anew", async () => {
    const email = await verified();
    const { recoveryCodes, options } = await withTotp(email);
    expect(await reason(identity.users.enrolTotp({ password }, options))).toBe("SECOND_FACTOR_SET");
    const disable = (sent: string) => identity.users.disableTotp({ password, code: sent }, options);
    expect(await reason(disable("123456"))).toBe("SECOND_FACTOR_INVALID");
    await disable(recoveryCodes[0] ?? "");
    expect(await reason(disable(recoveryCodes[1] ?? ""))).toBe("SECOND_FACTOR_NOT_SET");
    expect(await reason(signedIn(email))).toBe("ok");
    expect(await reason(identity.users.enrolTotp({ password }, options))).toBe("ok");
  });
});

test("no password, token, code or digest of one is kept in the clear, or where it could be guessed", async () => {
  const email = await verified();
  const token = await resetToken(email);
  const { db } = identity.database;
  const rows = JSON.stringify([
    await db.selectFrom("users").selectAll().execute(),
    await db.selectFrom("mail_outbox").selectAll().execute(),
    await db.selectFrom("links").select(["mail_id", "subject_id", "purpose"]).execute(),
    await db.selectFrom("audit_outbox").selectAll().execute(),
  ]);
  expect(rows).not.toContain(password);
  expect(rows).not.toContain(token);
  const request = { email: `person-${++people}@example.com`, accountDisplayName: "x", requestId: "same" };
  await identity.users.signUp({ ...request, password });
  expect(await reason(identity.users.signUp({ ...request, password: "quite another one" }))).toBe("ok");
});

test("a mail that can't be sent is sent later, with a link that works", async () => {
  // Those of other tests: where one of several fails the rest goes on by itself.
  await identity.sendMails();
  const email = `person-${++people}@example.com`;
  identity.mailer.isReachable = false;
  await identity.users.signUp({ email, password, accountDisplayName: "x" });
  await identity.sendMails().catch(() => {});
  expect(identity.mailer.to(email)).toEqual([]);
  identity.mailer.isReachable = true;
  await identity.database.db
    .updateTable("mail_outbox")
    .set({ due_at: new Date(0) })
    .execute();
  await identity.sendMails();
  expect(await reason(identity.users.verifyEmail({ token: identity.mailer.tokenTo(email) }))).toBe("ok");
});

test("a person renames only the own user, by etag; a service user is no person", async () => {
  const { options } = await signedIn(await verified());
  const { user } = await identity.users.getUser({}, options);
  const rename = (displayName: string) =>
    identity.users.updateUser(
      { displayName, etag: user?.etag ?? "", updateMask: { paths: ["display_name"] } },
      options,
    );
  expect((await rename("Anna")).user?.displayName).toBe("Anna");
  expect(await reason(rename("Other"))).toBe("ETAG_MISMATCH");
  expect(await reason(identity.users.getUser({}, as("developer")))).toBe("USER_NOT_FOUND");
});
