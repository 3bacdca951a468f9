import { randomUUID } from "node:crypto";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { PrincipalKind, PrincipalState } from "@portcullis/contracts/portcullis/common/v1/principal_pb.ts";
import { AccountService } from "@portcullis/contracts/portcullis/identity/v1/account_pb.ts";
import { newId } from "@portcullis/service";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Edge, startEdge } from "../compat/support/edge.ts";
import { type Guarded, untilRemembered } from "./support/caller-memory.ts";
import { type Clients, connectClients, reasonFrom } from "./support/connect-client.ts";
import { freePorts } from "./support/free-port.ts";
import type { ServiceProcess } from "./support/service-process.ts";

let edge: Edge;
let root: Clients;
/** A second replica of identity, which asks the second one of credential. */
let otherIdentity: ServiceProcess;
/** As root, through the other replicas. */
let otherRoot: Clients;
beforeAll(async () => {
  edge = await startEdge();
  root = edge.direct;
  const [port = 0] = await freePorts(1);
  const { identity, credentials, apiKey } = edge.installation;
  otherIdentity = identity.twin(port, { CREDENTIAL_URL: credentials[1].url });
  await otherIdentity.start();
  otherRoot = connectClients(throughOthers(), apiKey);
});
afterAll(async () => {
  await otherIdentity.stop();
  await edge[Symbol.asyncDispose]();
});

function throughOthers() {
  const [first, second] = edge.installation.credentials;
  return { ...edge.installation, identity: otherIdentity, credentials: [second, first] as const };
}

/** Every service that lets callers in, and both doors of the gateway, with a call that the key is good for. */
function guards(key: string): readonly Guarded[] {
  const { installation, gateway } = edge;
  const clients = connectClients(installation, key);
  const others = connectClients(throughOthers(), key);
  const headers = { authorization: `Bearer ${key}` };
  const throughGateway = createClient(AccountService, createGrpcTransport({ baseUrl: gateway.url }));
  return [
    {
      process: installation.identity,
      peers: 2,
      knock: () => reasonFrom(clients.serviceUsers.listServiceUsers({})),
    },
    { process: otherIdentity, peers: 2, knock: () => reasonFrom(others.serviceUsers.listServiceUsers({})) },
    { process: installation.authorization, peers: 1, knock: () => reasonFrom(clients.roles.listRoles({})) },
    {
      process: installation.credentials[0],
      peers: 1,
      knock: () => reasonFrom(clients.credentials.listCredentials({})),
    },
    {
      process: installation.credentials[1],
      peers: 1,
      knock: () => reasonFrom(others.credentials.listCredentials({})),
    },
    {
      process: gateway,
      peers: 1,
      async knock() {
        const { status } = await fetch(`${gateway.url}/service_users`, {
          headers: { ...headers, "ngrok-version": "2" },
        });
        return status === 200 ? "ok" : String(status);
      },
    },
    { process: gateway, peers: 1, knock: () => reasonFrom(throughGateway.getAccount({}, { headers })) },
  ];
}

async function rememberedEverywhere(key: string): Promise<() => Promise<ReadonlySet<string | undefined>>> {
  const all = guards(key);
  for (const guard of all) await untilRemembered(guard);
  return async () => new Set(await Promise.all(all.map(({ knock }) => knock())));
}

/** A service user of the account with an API key of its own. */
async function newBot() {
  const { serviceUser } = await root.serviceUsers.createServiceUser({ name: `bot-${randomUUID()}` });
  const serviceUserId = serviceUser?.serviceUserId ?? expect.fail();
  const { token, credential } = await root.credentials.createApiKey({ ownerId: serviceUserId });
  return { serviceUserId, token, credentialId: credential?.credentialId ?? expect.fail() };
}

const sides = [
  ["one replica", () => root],
  ["the other replica", () => otherRoot],
] as const;

test.each(sides)(
  "a key whose owner is deactivated through %s is refused by every service at once, and let in at once when it is active again",
  async (_, by) => {
    const { serviceUserId, token } = await newBot();
    const knock = await rememberedEverywhere(token);
    for (let round = 0; round < 5; round++) {
      await by().serviceUsers.deactivateServiceUser({ serviceUserId });
      expect(await knock()).toEqual(new Set(["CREDENTIALS_OWNER_INACTIVE", "403"]));
      await by().serviceUsers.activateServiceUser({ serviceUserId });
      expect(await knock()).toEqual(new Set(["ok"]));
    }
  },
);

test.each(sides)("a key that is revoked through %s is refused by every service at once", async (_, by) => {
  for (let round = 0; round < 3; round++) {
    const { credentialId, token } = await newBot();
    const knock = await rememberedEverywhere(token);
    await by().credentials.revokeCredential({ credentialId });
    expect(await knock()).toEqual(new Set(["CREDENTIALS_REVOKED", "403"]));
  }
});

test("a role that is taken is no longer good for anything at any service, and good at once when it is given back", async () => {
  const { accountId } = edge.installation;
  const { principalId, token } = await newAdministrator();
  const knock = await rememberedEverywhere(token);
  const binding = { accountId, principalId, roleId: "administrator" };
  for (let round = 0; round < 5; round++) {
    await root.roleBindings.deleteRoleBinding(binding);
    expect(await knock()).toEqual(new Set(["PERMISSION_DENIED", "403"]));
    await root.roleBindings.createRoleBinding(binding);
    expect(await knock()).toEqual(new Set(["ok"]));
  }
});

/** A person with that role and nothing else, told to the enforcers as identity tells them, and an API key. */
async function newAdministrator() {
  const { installation } = edge;
  const { accountId } = installation;
  const principalId = newId("user");
  const fixed = { kind: PrincipalKind.USER, state: PrincipalState.ACTIVE, version: 1n, superAdmin: false };
  for (const enforcer of ["authorization", "credential"] as const) {
    const asIdentity = connectClients(installation, () => installation.workloadToken("identity", enforcer));
    await asIdentity.enforcement[enforcer].applyPrincipal({
      principal: { accountId, principalId, ...fixed },
    });
  }
  await root.roleBindings.createRoleBinding({ accountId, principalId, roleId: "administrator" });
  const { token } = await root.credentials.createApiKey({ accountId, ownerId: principalId });
  return { principalId, token };
}

test("no call fails once a service is back that was killed, though what follows it has not found it again", async () => {
  const { token } = await newBot();
  const { installation } = edge;
  for (const peer of [installation.authorization, installation.credentials[0]]) {
    await rememberedEverywhere(token);
    await peer.kill();
    // So long that the next attempt to follow it is seconds away.
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    await peer.start();
    const [first] = guards(token);
    const until = Date.now() + 4_000;
    const outcomes = new Set<string | undefined>();
    while (Date.now() < until) outcomes.add(await first?.knock());
    expect(outcomes).toEqual(new Set(["ok"]));
  }
  await rememberedEverywhere(token);
});

test("the last use of a key is known that only services which remember it have seen", async () => {
  const { token, credentialId, serviceUserId } = await newBot();
  const { identity, credentials } = edge.installation;
  const transport = createGrpcTransport({
    baseUrl: identity.url,
    interceptors: [
      (next) => (request) => {
        request.header.set("user-agent", "bot/1");
        request.header.set("authorization", `Bearer ${token}`);
        return next(request);
      },
    ],
  });
  const asBot = createClient(AccountService, transport);
  const before = Date.now();
  for (let count = 0; count < 100; count++) await asBot.getAccount({});
  // It writes what it has noted.
  await credentials[0].stop();
  await credentials[0].start();
  const { credential } = await otherRoot.credentials.getCredential({ credentialId });
  expect(credential).toMatchObject({ ownerId: serviceUserId, lastUsedIp: "127.0.0.1" });
  expect(credential?.lastUsedUserAgent).toContain("bot/1");
  expect(Number(credential?.lastUsedTime?.seconds) * 1_000).toBeGreaterThan(before - 2_000);
});
