import { reasonOf } from "@portcullis/service";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { as, startTestIdentity, type TestIdentity } from "./testing/start-identity.ts";

const hourMs = 3_600_000;
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
let people = 0;
const newAddress = () => `person-${++people}@example.com`;
async function person() {
  const email = newAddress();
  await identity.users.signUp({ email, password, accountDisplayName: "Own" });
  await identity.sendMails();
  await identity.users.verifyEmail({ token: identity.mailer.tokenTo(email) });
  const { accountId, token, userId } = await identity.signIns.signIn({ email, password });
  const ask = (newEmail: string, by = password) =>
    identity.users.requestEmailChange({ password: by, newEmail }, as(token));
  /** Of the link that comes of it. */
  const linkTo = async (newEmail: string) => {
    await ask(newEmail);
    await identity.sendMails();
    return identity.mailer.tokenTo(newEmail);
  };
  return { email, accountId, token, userId, ask, linkTo };
}
const confirm = (token: string) => reason(identity.users.confirmEmailChange({ token }));
const signIn = (email: string, by = password) => reason(identity.signIns.signIn({ email, password: by }));
const lastSubjectTo = (email: string) => identity.mailer.to(email).at(-1)?.subject;

test("a new address takes the password and the link mailed to it; sessions go on, and the old one is told", async () => {
  const { email, accountId, userId, token, ask, linkTo } = await person();
  const to = newAddress();
  expect(await reason(ask(to, "not the password"))).toBe("PASSWORD_WRONG");
  const link = await linkTo(to);
  expect(lastSubjectTo(email)).toBe("Your e-mail address is to be changed");
  expect([await signIn(to), await signIn(email)]).toEqual(["SIGN_IN_REFUSED", "ok"]);
  expect(await confirm(link)).toBe("ok");
  expect(await confirm(link)).toBe("LINK_INVALID");
  expect([await signIn(to), await signIn(email)]).toEqual(["ok", "SIGN_IN_REFUSED"]);
  const { user } = await identity.users.getUser({}, as(token));
  expect(user).toMatchObject({ userId, email: to, emailVerified: true });
  await identity.sendMails();
  expect(lastSubjectTo(email)).toBe("Your e-mail address was changed");
  const audited = await identity.database.db
    .selectFrom("audit_outbox")
    .select("action")
    .where("account_id", "=", accountId)
    .execute();
  const actions = audited.map(({ action }) => action);
  expect(actions).toEqual(expect.arrayContaining(["user.request_email_change", "user.change_email"]));
});

test("an address that has a user is answered alike, and only its owner learns of it", async () => {
  const [one, other] = [await person(), await person()];
  expect(await one.ask(other.email.toUpperCase())).toEqual(await one.ask(newAddress()));
  await identity.sendMails();
  expect(lastSubjectTo(other.email.toUpperCase())).toBe("This address is in use already");
  expect(await signIn(other.email)).toBe("ok");
});

test("of two who want one address at once, one gets it; who signs up with it first has it", async () => {
  const [one, two, three] = [await person(), await person(), await person()];
  const to = newAddress();
  const links = [await one.linkTo(to), await two.linkTo(to)];
  const late = await three.linkTo(to);
  const answers = await Promise.all(links.map(confirm));
  expect(answers.toSorted()).toEqual(["EMAIL_TAKEN", "ok"]);
  expect(await confirm(late)).toBe("EMAIL_TAKEN");
});

test("the link works within a day, and no longer once the password or the address is another", async () => {
  const [slow, careful, changed] = [await person(), await person(), await person()];
  const [late, stopped] = [await slow.linkTo(newAddress()), await careful.linkTo(newAddress())];
  const newPassword = "an entirely new one";
  await identity.users.changePassword({ currentPassword: password, newPassword }, as(careful.token));
  expect(await confirm(stopped)).toBe("LINK_INVALID");
  const [first, second] = [await changed.linkTo(newAddress()), await changed.linkTo(newAddress())];
  expect(await confirm(second)).toBe("ok");
  expect(await confirm(first)).toBe("LINK_INVALID");
  identity.advance(24 * hourMs);
  expect(await confirm(late)).toBe("LINK_INVALID");
});

test("a link for a new password that was mailed to the old address works no more", async () => {
  const { email, linkTo } = await person();
  await identity.users.requestPasswordReset({ email });
  await identity.sendMails();
  const reset = identity.mailer.tokenTo(email);
  expect(await confirm(await linkTo(newAddress()))).toBe("ok");
  const request = identity.users.resetPassword({ token: reset, newPassword: "an entirely new one" });
  expect(await reason(request)).toBe("LINK_INVALID");
});

test("an invitation stays with the address that it was sent to", async () => {
  const [{ accountId }, one] = [await person(), await person()];
  const to = newAddress();
  await identity.invitations.createInvitations({ accountId, emails: [one.email] }, root);
  await identity.sendMails();
  const old = identity.mailer.tokenTo(one.email);
  expect(await confirm(await one.linkTo(to))).toBe("ok");
  const accept = (token: string) => reason(identity.invitations.acceptInvitation({ token }, as(one.token)));
  expect(await accept(old)).toBe("INVITATION_EMAIL_MISMATCH");
  await identity.invitations.createInvitations({ accountId, emails: [to] }, root);
  await identity.sendMails();
  expect(await accept(identity.mailer.tokenTo(to))).toBe("ok");
});

test("with one request id twice sends one mail", async () => {
  const { token } = await person();
  const newEmail = newAddress();
  const request = { password, newEmail, requestId: "email-1" };
  await identity.users.requestEmailChange(request, as(token));
  await identity.users.requestEmailChange(request, as(token));
  await identity.sendMails();
  expect(identity.mailer.to(newEmail)).toHaveLength(1);
});
