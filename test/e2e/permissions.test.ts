import { randomUUID } from "node:crypto";
import { PrincipalKind, PrincipalState } from "@portcullis/contracts/portcullis/common/v1/principal_pb.ts";
import { VerificationResult as Result } from "@portcullis/contracts/portcullis/credential/v1/verification_pb.ts";
import { newId } from "@portcullis/service";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Clients, connectClients, reasonFrom } from "./support/connect-client.ts";
import { type Installation, startInstallation } from "./support/installation.ts";

let installation: Installation;
let root: Clients;
beforeAll(async () => {
  installation = await startInstallation();
  root = connectClients(installation, installation.apiKey);
});
afterAll(() => installation[Symbol.asyncDispose]());

/** A service user of the account with an API key of its own. */
async function newServiceUser(accountId = installation.accountId) {
  const { serviceUser } = await root.serviceUsers.createServiceUser({
    accountId,
    name: `bot-${randomUUID()}`,
  });
  const ownerId = serviceUser?.serviceUserId ?? expect.fail();
  const { token } = await root.credentials.createApiKey({ accountId, ownerId });
  return { serviceUserId: ownerId, clients: connectClients(installation, token) };
}

/** A person of the account with these roles, told to the enforcers as identity tells them. */
async function newUser(accountId: string, ...roleIds: string[]) {
  const principalId = newId("user");
  const principal = {
    accountId,
    principalId,
    kind: PrincipalKind.USER,
    state: PrincipalState.ACTIVE,
    version: 1n,
    superAdmin: false,
  };
  for (const enforcer of ["authorization", "credential"] as const) {
    const asIdentity = connectClients(installation, () => installation.workloadToken("identity", enforcer));
    await asIdentity.enforcement[enforcer].applyPrincipal({ principal });
  }
  for (const roleId of roleIds) await root.roleBindings.createRoleBinding({ accountId, principalId, roleId });
  const { token } = await root.credentials.createApiKey({ accountId, ownerId: principalId });
  return { principalId, clients: connectClients(installation, token) };
}

async function newAccount(): Promise<string> {
  const { account } = await root.accounts.createAccount({ displayName: "Other" });
  return account?.accountId ?? expect.fail();
}

test("a developer's key creates credentials for itself, and for nobody else", async () => {
  const { principalId, clients } = await newUser(installation.accountId, "developer_read_write");
  const { serviceUserId } = await newServiceUser();
  const { credential } = await clients.credentials.createAuthtoken({});
  expect(credential?.ownerId).toBe(principalId);
  expect(await reasonFrom(clients.credentials.createAuthtoken({ ownerId: principalId }))).toBe("ok");
  for (const ownerId of [serviceUserId, installation.userId, newId("svc"), "nonsense"]) {
    expect(await reasonFrom(clients.credentials.createAuthtoken({ ownerId }))).toBe("PERMISSION_DENIED");
  }
});

test("only an administrator creates service users and sets another owner", async () => {
  const { serviceUserId } = await newServiceUser();
  const outcomes: Record<string, unknown> = {};
  for (const role of [
    "administrator",
    "developer_read_write",
    "developer_read_only",
    "team_manager",
    "billing_access",
  ]) {
    const { clients } = await newUser(installation.accountId, role);
    outcomes[role] = [
      await reasonFrom(clients.serviceUsers.createServiceUser({ name: `by-${randomUUID()}` })),
      await reasonFrom(clients.credentials.createAuthtoken({ ownerId: serviceUserId })),
    ];
  }
  const denied = ["PERMISSION_DENIED", "PERMISSION_DENIED"];
  expect(outcomes).toEqual({
    administrator: ["ok", "ok"],
    developer_read_write: denied,
    developer_read_only: denied,
    team_manager: denied,
    billing_access: denied,
  });
});

test("a service user's key acts as Developer read-write and nothing else", async () => {
  const { serviceUserId, clients } = await newServiceUser();
  const other = await newServiceUser();
  const may = [
    clients.credentials.createAuthtoken({}),
    clients.credentials.listCredentials({}),
    clients.serviceUsers.listServiceUsers({}),
    clients.accounts.getAccount({}),
    clients.checks.check({
      subject: { accountId: installation.accountId, principalId: serviceUserId },
      permissionId: "x",
    }),
  ];
  expect(await Promise.all(may.map(reasonFrom))).toEqual(may.map(() => "ok"));
  const mayNot = [
    clients.serviceUsers.createServiceUser({ name: "x" }),
    clients.serviceUsers.deactivateServiceUser({ serviceUserId: other.serviceUserId }),
    clients.serviceUsers.deleteServiceUser({ serviceUserId }),
    clients.serviceUsers.lockServiceUser({ serviceUserId: other.serviceUserId }),
    clients.credentials.createApiKey({ ownerId: other.serviceUserId }),
    clients.accounts.updateAccount({ displayName: "x", updateMask: { paths: ["display_name"] } }),
    clients.accounts.createAccount({ displayName: "x" }),
    clients.accounts.listAccounts({}),
    clients.roleBindings.createRoleBinding({ principalId: serviceUserId, roleId: "administrator" }),
  ];
  expect(await Promise.all(mayNot.map(reasonFrom))).toEqual(mayNot.map(() => "PERMISSION_DENIED"));
});

test("no role can be given to a service user", async () => {
  const { serviceUserId } = await newServiceUser();
  const binding = root.roleBindings.createRoleBinding({
    principalId: serviceUserId,
    roleId: "administrator",
  });
  expect(await reasonFrom(binding)).toBe("SERVICE_USER_ROLES_FIXED");
});

test("nobody reaches into another account, which looks as if it did not exist", async () => {
  const accountId = await newAccount();
  const theirs = await newServiceUser(accountId);
  const { credential, token } = await root.credentials.createAuthtoken({
    accountId,
    ownerId: theirs.serviceUserId,
  });
  const { clients: admin } = await newUser(installation.accountId, "administrator");
  const credentialId = credential?.credentialId ?? expect.fail();
  const { serviceUserId } = theirs;

  const byId = [
    [admin.serviceUsers.getServiceUser({ serviceUserId }), "SERVICE_USER_NOT_FOUND"],
    [admin.serviceUsers.deleteServiceUser({ serviceUserId }), "SERVICE_USER_NOT_FOUND"],
    [admin.credentials.getCredential({ credentialId }), "CREDENTIAL_NOT_FOUND"],
    [admin.credentials.revokeCredential({ credentialId }), "CREDENTIAL_NOT_FOUND"],
    [admin.credentials.deleteCredential({ credentialId }), "CREDENTIAL_NOT_FOUND"],
    [admin.credentials.createAuthtoken({ ownerId: serviceUserId }), "PRINCIPAL_NOT_FOUND"],
    [
      admin.roleBindings.createRoleBinding({ principalId: serviceUserId, roleId: "administrator" }),
      "PRINCIPAL_NOT_FOUND",
    ],
    [admin.serviceUsers.listServiceUsers({ accountId }), "ACCOUNT_NOT_FOUND"],
    [admin.serviceUsers.listServiceUsers({ accountId: newId("acct") }), "ACCOUNT_NOT_FOUND"],
    [admin.credentials.listCredentials({ accountId }), "ACCOUNT_NOT_FOUND"],
    [admin.accounts.getAccount({ accountId }), "ACCOUNT_NOT_FOUND"],
  ] as const;
  expect(await Promise.all(byId.map(([call]) => reasonFrom(call)))).toEqual(byId.map(([, reason]) => reason));

  const seenByAdmin = await admin.verify[0]?.verifyToken({ token });
  expect(seenByAdmin?.verification?.result).toBe(Result.UNKNOWN);
  expect(seenByAdmin?.verification?.credential).toBeUndefined();
  const seenByOwner = await theirs.clients.verify[0]?.verifyToken({ token });
  expect(seenByOwner?.verification?.result).toBe(Result.VALID);
  const listed = await admin.credentials.listCredentials({ pageSize: 500 });
  expect(listed.credentials.some(({ accountId: of }) => of === accountId)).toBe(false);
});

test("a role that was taken away counts no longer from the moment the call has returned", async () => {
  const { principalId, clients } = await newUser(installation.accountId, "administrator");
  const create = () => reasonFrom(clients.serviceUsers.createServiceUser({ name: `x-${randomUUID()}` }));
  expect(await create()).toBe("ok");
  await root.roleBindings.deleteRoleBinding({ principalId, roleId: "administrator" });
  expect(await create()).toBe("PERMISSION_DENIED");
});

test("an authtoken does not authenticate calls", async () => {
  const { serviceUserId } = await newServiceUser();
  const { token } = await root.credentials.createAuthtoken({ ownerId: serviceUserId });
  const clients = connectClients(installation, token);
  expect(await reasonFrom(clients.accounts.getAccount({}))).toBe("CREDENTIALS_WRONG_KIND");
});

test("a revoked and an expired API key are refused at once, by every service", async () => {
  const { serviceUserId } = await newServiceUser();
  const { token, credential } = await root.credentials.createApiKey({ ownerId: serviceUserId });
  const clients = connectClients(installation, token);
  const calls = () => [
    reasonFrom(clients.accounts.getAccount({})),
    reasonFrom(clients.credentials.listCredentials({})),
    reasonFrom(
      clients.checks.check({
        subject: { accountId: installation.accountId, principalId: serviceUserId },
        permissionId: "x",
      }),
    ),
  ];
  expect(await Promise.all(calls())).toEqual(["ok", "ok", "ok"]);
  await root.credentials.revokeCredential({ credentialId: credential?.credentialId ?? "" });
  expect(await Promise.all(calls())).toEqual(Array.from({ length: 3 }, () => "CREDENTIALS_REVOKED"));
});
