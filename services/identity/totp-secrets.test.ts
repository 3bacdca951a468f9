import { randomBytes } from "node:crypto";
import { reasonOf } from "@portcullis/service";
import { generateSync } from "otplib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parseUserId } from "./domain/ids.ts";
import { createSealer, type EncryptionKey } from "./secrets/sealer.ts";
import { createTotpSecrets } from "./secrets/totp-secrets.ts";
import { createTotpResealing } from "./store/reseal-totp-secrets.ts";
import { as, startTestIdentity, type TestIdentity, testEncryptionKey } from "./testing/start-identity.ts";

const password = "a long enough password";

let identity: TestIdentity;
beforeAll(async () => {
  identity = await startTestIdentity();
});
afterAll(() => identity[Symbol.asyncDispose]());

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
  await identity.users.confirmTotp({ code: codeOf(secret) }, as(token));
  identity.advance(30_000);
  const enter = () =>
    identity.signIns.signIn({ email, password, code: codeOf(secret) }).then(
      () => "ok",
      (error: unknown) => reasonOf(error),
    );
  return { userId: parseUserId(userId), secret, enter };
}
const users = () => identity.database.db.selectFrom("users").select("totp_secret");
const put = (userId: string, totp_secret: string) =>
  identity.database.db.updateTable("users").set({ totp_secret }).where("id", "=", userId).execute();
async function kept(userId: string): Promise<string> {
  return (await users().where("id", "=", userId).executeTakeFirstOrThrow()).totp_secret ?? "";
}
async function reseal(...keys: readonly EncryptionKey[]): Promise<readonly unknown[]> {
  const failed: unknown[] = [];
  const warn = (told: { readonly userId?: unknown }) => void failed.push(told.userId);
  const secrets = createTotpSecrets(createSealer(keys));
  const round = createTotpResealing(identity.database.db, secrets, { warn });
  while ((await round(AbortSignal.timeout(5000))) > 0);
  return failed;
}

test("the database alone is not enough to make a person's codes, nor is another person's row", async () => {
  const [one, other] = [await withTotp(), await withTotp()];
  expect(await kept(one.userId)).not.toContain(one.secret);
  expect(await one.enter()).toBe("ok");
  await put(one.userId, await kept(other.userId));
  identity.advance(30_000);
  expect(await one.enter()).toBe("INTERNAL");
});

test("secrets from before they were sealed work, and are sealed; so are those of an earlier key", async () => {
  const [old, plain] = [await withTotp(), await withTotp()];
  const former = { id: "former", key: randomBytes(32) };
  const withFormer = createTotpSecrets(createSealer([former]));
  await put(plain.userId, plain.secret);
  await put(old.userId, withFormer.seal(old.userId, old.secret));
  expect(await plain.enter()).toBe("ok");
  // Without the former key its secrets stay as they are, and are told of.
  expect(await reseal(testEncryptionKey)).toContain(old.userId);
  await reseal(testEncryptionKey, former);
  expect(await kept(plain.userId)).not.toContain(plain.secret);
  expect(await kept(old.userId)).toMatch(/^v1\.test\./);
  identity.advance(30_000);
  expect([await old.enter(), await plain.enter()]).toEqual(["ok", "ok"]);
});
