import { CheckReason } from "@portcullis/contracts/portcullis/authorization/v1/check_pb.ts";
import { VerificationResult as Result } from "@portcullis/contracts/portcullis/credential/v1/verification_pb.ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Clients, connectClients, reasonFrom } from "./support/connect-client.ts";
import { type Installation, startInstallation } from "./support/installation.ts";
import { credentialsPart, statementOf } from "./support/receipt.ts";
import { newSshPublicKey } from "./support/ssh-key.ts";

let installation: Installation;
let root: Clients;
beforeAll(async () => {
  installation = await startInstallation();
  root = connectClients(installation, installation.apiKey);
});
afterAll(() => installation[Symbol.asyncDispose]());

/** An account with a service user that has an API key, an authtoken and an SSH key. */
async function newAccount() {
  const { account } = await root.accounts.createAccount({ displayName: "Customer" });
  const accountId = account?.accountId ?? expect.fail();
  const { serviceUser } = await root.serviceUsers.createServiceUser({ accountId, name: "bot" });
  const ownerId = serviceUser?.serviceUserId ?? expect.fail();
  const create = { accountId, ownerId };
  const publicKey = newSshPublicKey();
  const { token: apiKey } = await root.credentials.createApiKey(create);
  const { token } = await root.credentials.createAuthtoken(create);
  await root.credentials.createSshKey({ ...create, publicKey });
  /** By every replica, of the token and of the SSH key. */
  const results = async () => {
    const answers = root.verify.flatMap((replica) => [
      replica.verifyToken({ token }),
      replica.verifySshKey({ publicKey }),
    ]);
    return new Set((await Promise.all(answers)).map(({ verification }) => verification?.result));
  };
  const check = async () => {
    const subject = { accountId, principalId: ownerId };
    const { reason } = await root.checks.check({
      subject,
      permissionId: "credential.credentials.write",
      accountId,
    });
    return reason;
  };
  return { ...create, publicKey, own: connectClients(installation, apiKey), results, check };
}

test("an account that is suspended, restored and deleted works, does not, does again, and never more", async () => {
  const { accountId, own, results, check, publicKey } = await newAccount();
  expect(await results()).toEqual(new Set([Result.VALID]));
  expect(await check()).toBe(CheckReason.SERVICE_USER_POLICY);
  expect((await own.accounts.getAccount({})).account?.accountId).toBe(accountId);

  const suspended = await statementOf(installation, await root.accounts.suspendAccount({ accountId }));
  expect(suspended).toMatchObject({ operation: "account.suspend", targetId: accountId });
  expect(credentialsPart(suspended).verifiers.length).toBeGreaterThanOrEqual(2);
  expect(await results()).toEqual(new Set([Result.ACCOUNT_SUSPENDED]));
  expect(await check()).toBe(CheckReason.ACCOUNT_SUSPENDED);
  expect(await reasonFrom(own.accounts.getAccount({}))).toBe("CREDENTIALS_ACCOUNT_SUSPENDED");

  await root.accounts.restoreAccount({ accountId });
  expect(await results()).toEqual(new Set([Result.VALID]));
  expect((await own.accounts.getAccount({})).account?.accountId).toBe(accountId);

  const deleted = await statementOf(installation, await root.accounts.deleteAccount({ accountId }));
  expect(deleted).toMatchObject({ operation: "account.delete", targetId: accountId });
  expect(await results()).toEqual(new Set([Result.UNKNOWN]));
  expect(await check()).toBe(CheckReason.SUBJECT_UNKNOWN);
  expect(await reasonFrom(own.accounts.getAccount({}))).toBe("CREDENTIALS_INVALID");
  // Another account may register the SSH key, once it has been freed.
  const { serviceUser } = await root.serviceUsers.createServiceUser({ name: "heir" });
  const ownerId = serviceUser?.serviceUserId ?? "";
  await expect
    .poll(() => reasonFrom(root.credentials.createSshKey({ ownerId, publicKey })), { timeout: 10_000 })
    .toBe("ok");
});

test("what would stop working with an account is told beforehand", async () => {
  const { accountId, results } = await newAccount();
  const { dependents } = await root.accounts.suspendAccount({ accountId, validateOnly: true });
  expect(dependents.map(({ kind, count }) => [kind, Number(count)])).toEqual([
    ["service_users", 1],
    ["api_keys", 1],
    ["authtokens", 1],
    ["ssh_keys", 1],
  ]);
  expect(await results()).toEqual(new Set([Result.VALID]));
});
