import { reasonOf } from "@portcullis/service";
import { generateSync } from "otplib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parseUserId } from "./domain/ids.ts";
import { as, startTestIdentity, type TestIdentity } from "./testing/start-identity.ts";

const password = "a long enough password";
const minuteMs = 60_000;

let identity: TestIdentity;
beforeAll(async () => {
  identity = await startTestIdentity();
});
afterAll(() => identity[Symbol.asyncDispose]());

const reason = (call: Promise<unknown>) =>
  call.then(
    () => "ok",
    (error: unknown) => reasonOf(error),
  );
const codeOf = (secret: string) =>
  generateSync({ secret, epoch: Math.floor(identity.now().getTime() / 1000) });
let people = 0;
async function withTotp() {
  const email = `person-${++people}@example.com`;
  await identity.users.signUp({ email, password, accountDisplayName: "Own" });
  await identity.sendMails();
  await identity.users.verifyEmail({ token: identity.mailer.tokenTo(email) });
  const { token, userId } = await identity.signIns.signIn({ email, password });
  const { secret } = await identity.users.enrolTotp({ password }, as(token));
  const { recoveryCodes } = await identity.users.confirmTotp({ code: codeOf(secret) }, as(token));
  identity.advance(minuteMs);
  /** Each time from another address. */
  const enter = (code: string, by = password) => {
    identity.forgetAttempts();
    return reason(identity.signIns.signIn({ email, password: by, code }));
  };
  const disable = (code: string) => {
    identity.forgetAttempts();
    return reason(identity.users.disableTotp({ password, code }, as(token)));
  };
  return { email, userId: parseUserId(userId), secret, recoveryCodes, enter, disable };
}
type Person = Awaited<ReturnType<typeof withTotp>>;
async function guess(one: Person, times = 10): Promise<void> {
  for (let turn = 0; turn < times; turn++) {
    const wrong = turn % 2 === 0 ? one.enter("000000") : one.disable("no-such-code");
    expect(await wrong).toBe("SECOND_FACTOR_INVALID");
  }
}

test("ten wrong codes, wherever they come from, are followed by a pause that doubles until one is right", async () => {
  const one = await withTotp();
  await guess(one);
  expect(await one.enter(codeOf(one.secret))).toBe("TOO_MANY_ATTEMPTS");
  expect(await one.disable(one.recoveryCodes[0] ?? "")).toBe("TOO_MANY_ATTEMPTS");
  identity.advance(15 * minuteMs);
  await guess(one);
  identity.advance(15 * minuteMs);
  expect(await one.enter(codeOf(one.secret))).toBe("TOO_MANY_ATTEMPTS");
  identity.advance(15 * minuteMs);
  expect(await one.enter(codeOf(one.secret))).toBe("ok");
  await guess(one);
  identity.advance(15 * minuteMs);
  expect(await one.enter(codeOf(one.secret))).toBe("ok");
});

test("no more than ten are looked at, however many come at once", async () => {
  const { userId } = await withTotp();
  const take = () => identity.deps.codeGuesses.take(userId, identity.now(), AbortSignal.timeout(5000));
  const waits = await Promise.all(Array.from({ length: 40 }, take));
  expect(waits.filter((wait) => wait === 0)).toHaveLength(10);
  expect(new Set(waits.filter((wait) => wait > 0))).toEqual(new Set([15 * minuteMs]));
});

test("who lacks the password can't keep anybody out", async () => {
  const one = await withTotp();
  for (let turn = 0; turn < 12; turn++) {
    expect(await one.enter("000000", "not the password")).toBe("SIGN_IN_REFUSED");
  }
  expect(await one.enter(codeOf(one.secret))).toBe("ok");
});

test("a new password lets the person in at once", async () => {
  const one = await withTotp();
  await guess(one);
  await identity.users.requestPasswordReset({ email: one.email });
  await identity.sendMails();
  const newPassword = "an entirely new one";
  await identity.users.resetPassword({ token: identity.mailer.tokenTo(one.email), newPassword });
  expect(await one.enter(codeOf(one.secret), newPassword)).toBe("ok");
});
