import { AccountState } from "@portcullis/contracts/portcullis/common/v1/account_pb.ts";
import { PrincipalKind, PrincipalState } from "@portcullis/contracts/portcullis/common/v1/principal_pb.ts";
import { newId } from "@portcullis/service";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseAccountId, parsePrincipalId } from "./domain/ids.ts";
import { sshPublicKeyLine } from "./testing/fixtures.ts";
import {
  as,
  asWorkload,
  refusalOf,
  resultOf,
  startTestCredential,
  type TestCredential,
} from "./testing/start-credential.ts";

let service: TestCredential;
let identity: Awaited<ReturnType<typeof asWorkload>>;
let operator: Awaited<ReturnType<typeof asWorkload>>;
beforeAll(async () => {
  service = await startTestCredential();
  identity = await asWorkload("identity");
  operator = await asWorkload("operator");
});
afterAll(() => service[Symbol.asyncDispose]());

/** An account of its own, with somebody who has a credential of every kind. */
async function newAccount() {
  const accountId = parseAccountId(newId("acct"));
  const ownerId = parsePrincipalId(newId("user"));
  await service.apply(ownerId, PrincipalState.ACTIVE, 1, accountId);
  const publicKey = sshPublicKeyLine();
  const create = { accountId, ownerId };
  const authtoken = await service.credentials.createAuthtoken(create, operator);
  const apiKey = await service.credentials.createApiKey(create, operator);
  await service.credentials.createSshKey({ ...create, publicKey }, operator);
  const signIn = () =>
    service.sessions.createSession(
      {
        ...create,
        userId: "user_person",
        sessionGroupId: "sgn_1",
        secretsVersion: 1n,
        idleLifetime: { seconds: 600n },
        lifetime: { seconds: 6000n },
      },
      identity,
    );
  const session = await signIn();
  const results = async () => {
    const tokens = [authtoken.token, apiKey.token, session.token];
    const { verifications } = await service.verification.batchVerifyTokens(
      { requests: tokens.map((token) => ({ token })) },
      identity,
    );
    return Promise.all([
      ...verifications.map((verification) => resultOf(Promise.resolve({ verification }))),
      resultOf(service.verification.verifySshKey({ publicKey }, identity)),
    ]);
  };
  return { accountId, ownerId, publicKey, apiKey: apiKey.token, create, signIn, results };
}
const all = (result: string) => Array(4).fill(result);
const tell = (accountId: string, state: AccountState, version: bigint) =>
  service.enforcement.applyAccount({ accountId, state, version }, identity);

describe("a suspended account", () => {
  test("has no credential that works, from the answer on, until it is restored", async () => {
    const { accountId, results, apiKey } = await newAccount();
    expect(await results()).toEqual(all("VALID"));
    expect(await tell(accountId, AccountState.SUSPENDED, 2n)).toMatchObject({
      appliedVersion: 2n,
      appliedState: AccountState.SUSPENDED,
    });
    expect(await results()).toEqual(all("ACCOUNT_SUSPENDED"));
    // What a caller of the services learns.
    expect(await refusalOf(service.credentials.listCredentials({}, as(apiKey)))).toBe(
      "CREDENTIALS_ACCOUNT_SUSPENDED",
    );
    await tell(accountId, AccountState.ACTIVE, 3n);
    expect(await results()).toEqual(all("VALID"));
  });

  test("gets no new credential and no session, from nobody; operators may look and take away", async () => {
    const { accountId, create, signIn } = await newAccount();
    await tell(accountId, AccountState.SUSPENDED, 2n);
    const root = as(service.root.apiKey);
    const calls = [
      service.credentials.createAuthtoken(create, operator),
      service.credentials.createApiKey(create, root),
      service.credentials.createSshKey({ ...create, publicKey: sshPublicKeyLine() }, root),
      signIn(),
    ];
    expect(await Promise.all(calls.map(refusalOf))).toEqual(calls.map(() => "ACCOUNT_SUSPENDED"));
    const { credentials } = await service.credentials.listCredentials({ accountId }, root);
    expect(credentials).toHaveLength(3);
    const credentialId = credentials[0]?.credentialId ?? "";
    expect(await refusalOf(service.credentials.revokeCredential({ accountId, credentialId }, root))).toBe(
      "none",
    );
  });

  test("says nothing of its owners' own states, which count again once it is restored", async () => {
    const { accountId, ownerId, results } = await newAccount();
    await tell(accountId, AccountState.SUSPENDED, 2n);
    await service.apply(ownerId, PrincipalState.INACTIVE, 2, accountId);
    expect(await results()).toEqual(all("ACCOUNT_SUSPENDED"));
    await tell(accountId, AccountState.ACTIVE, 3n);
    expect(await results()).toEqual(all("OWNER_INACTIVE"));
  });
});

describe("a deleted account", () => {
  test("has no credentials from the answer on, and soon nothing at all; its SSH keys are free again", async () => {
    const { accountId, publicKey, create, results, signIn } = await newAccount();
    await tell(accountId, AccountState.DELETED, 2n);
    expect(await results()).toEqual(all("UNKNOWN"));
    expect(await refusalOf(service.credentials.createApiKey(create, operator))).toBe("PRINCIPAL_NOT_FOUND");
    expect(await refusalOf(signIn())).toBe("PRINCIPAL_NOT_FOUND");
    const other = await service.newRobot();
    const register = () =>
      refusalOf(service.credentials.createSshKey({ ownerId: other, publicKey }, as(service.admin.apiKey)));
    await expect.poll(register, { interval: 20, timeout: 20_000 }).toBe("none");
  });

  test("stays so, and so do its principals, whatever comes later", async () => {
    const { accountId, ownerId, results } = await newAccount();
    await tell(accountId, AccountState.DELETED, 5n);
    const gone = { appliedVersion: 5n, appliedState: AccountState.DELETED };
    expect(await tell(accountId, AccountState.ACTIVE, 4n)).toMatchObject(gone);
    expect(await tell(accountId, AccountState.ACTIVE, 9n)).toMatchObject(gone);
    const kind = PrincipalKind.USER;
    const principal = { accountId, principalId: ownerId, kind, state: PrincipalState.ACTIVE, version: 7n };
    expect(await service.enforcement.applyPrincipal({ principal }, identity)).toMatchObject({
      appliedVersion: 7n,
      appliedState: PrincipalState.DELETED,
    });
    expect(await results()).toEqual(all("UNKNOWN"));
    expect((await tell(accountId, AccountState.DELETED, 10n)).appliedVersion).toBe(10n);
  });
});

describe("what identity tells of an account", () => {
  test("is ignored below the version that is known", async () => {
    const { accountId, results } = await newAccount();
    await tell(accountId, AccountState.SUSPENDED, 4n);
    for (const version of [3n, 4n]) {
      expect(await tell(accountId, AccountState.ACTIVE, version)).toMatchObject({
        appliedVersion: 4n,
        appliedState: AccountState.SUSPENDED,
      });
    }
    expect(await results()).toEqual(all("ACCOUNT_SUSPENDED"));
  });

  test("is told by identity alone, and whole", async () => {
    const accountId = newId("acct");
    const request = { accountId, state: AccountState.ACTIVE, version: 1n };
    for (const caller of [await asWorkload("gateway"), as(service.root.apiKey)]) {
      expect(await refusalOf(service.enforcement.applyAccount(request, caller))).toBe("PERMISSION_DENIED");
      expect(await refusalOf(service.enforcement.previewAccount({ accountId }, caller))).toBe(
        "PERMISSION_DENIED",
      );
    }
    const whole = [
      { accountId: "" },
      { state: AccountState.UNSPECIFIED },
      { state: 9 as AccountState },
      { version: 0n },
      { version: 2n ** 60n },
    ];
    for (const part of whole) {
      expect(await refusalOf(service.enforcement.applyAccount({ ...request, ...part }, identity))).not.toBe(
        "none",
      );
    }
  });

  test("is previewed by what works now", async () => {
    const { accountId } = await newAccount();
    const { dependents } = await service.enforcement.previewAccount({ accountId }, identity);
    expect(dependents.map(({ kind, count }) => [kind, count])).toEqual([
      ["api_keys", 1n],
      ["authtokens", 1n],
      ["sessions", 1n],
      ["ssh_keys", 1n],
    ]);
  });
});
