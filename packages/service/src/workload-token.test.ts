import { SignJWT, UnsecuredJWT } from "jose";
import { expect, test } from "vitest";
import { createWorkloadTokenSource, verifyWorkloadToken } from "./workload-token.ts";

const key = new Uint8Array(32).fill(1);
const otherKey = new Uint8Array(32).fill(2);

test("a token proves the service's name to the audience it was made for", async () => {
  const token = await createWorkloadTokenSource(key, "identity", "credential")();
  await expect(verifyWorkloadToken(key, "credential", token)).resolves.toMatchObject({ name: "identity" });
});

test.each([
  ["for another audience", createWorkloadTokenSource(key, "identity", "authorization")],
  ["with another key", createWorkloadTokenSource(otherKey, "identity", "credential")],
  [
    "of ten minutes ago",
    createWorkloadTokenSource(key, "identity", "credential", () => Date.now() - 600_000),
  ],
  [
    "without a signature",
    async () =>
      new UnsecuredJWT({})
        .setSubject("identity")
        .setIssuer("portcullis")
        .setAudience("credential")
        .setExpirationTime("2m")
        .encode(),
  ],
  [
    "without an end",
    async () =>
      new SignJWT()
        .setProtectedHeader({ alg: "HS256" })
        .setSubject("identity")
        .setIssuer("portcullis")
        .setAudience("credential")
        .sign(key),
  ],
  [
    "without a name",
    async () =>
      new SignJWT()
        .setProtectedHeader({ alg: "HS256" })
        .setIssuer("portcullis")
        .setAudience("credential")
        .setExpirationTime("2m")
        .sign(key),
  ],
  ["that is garbage", async () => "a.b.c"],
])("a token %s is refused", async (_, make) => {
  await expect(verifyWorkloadToken(key, "credential", await make())).rejects.toMatchObject({
    reason: "CREDENTIALS_INVALID",
  });
});

test("one token serves for a minute, and a clock that jumps back makes a new one", async () => {
  let now = 1_700_000_000_000;
  const source = createWorkloadTokenSource(key, "identity", "credential", () => now);
  const first = await source();
  now += 59_000;
  expect(await source()).toBe(first);
  now += 2_000;
  const second = await source();
  expect(second).not.toBe(first);
  now -= 3_600_000;
  expect(await source()).not.toBe(second);
});
