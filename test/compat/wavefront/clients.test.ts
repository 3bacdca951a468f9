// What clients of Wavefront do, and what must come of it: here and over gRPC.
import { randomUUID } from "node:crypto";
import { ServiceUserPolicy } from "@portcullis/contracts/portcullis/authorization/v1/policy_pb.ts";
import { VerificationResult as Result } from "@portcullis/contracts/portcullis/credential/v1/verification_pb.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectClients } from "../../e2e/support/connect-client.ts";
import { linkTokenFor } from "../../e2e/support/mail.ts";
import type { Edge } from "../support/edge.ts";
import { startScopedEdge } from "../support/scoped-edge.ts";
import type { WavefrontAnswer, WavefrontClient } from "../support/wavefront-client.ts";

let edge: Edge;
let rest: WavefrontClient;
beforeAll(async () => {
  ({ edge, rest } = await startScopedEdge());
});
afterAll(() => edge[Symbol.asyncDispose]());

type Item = Readonly<Record<string, string>>;
const idOf = ({ response }: WavefrontAnswer) => (response as Item).id ?? "";
const lastToken = ({ response }: WavefrontAnswer) => (response as Item[]).at(-1)?.tokenID ?? "";
async function newService(body: object = {}): Promise<{ readonly id: string; readonly token: string }> {
  const id = `sa::c-${randomUUID()}`;
  await rest.post("/account/serviceaccount", { identifier: id, ...body });
  return { id, token: lastToken(await rest.post(`/apitoken/serviceaccount/${id}`)) };
}
/** What each replica of credential says of a token, over gRPC. */
async function verdicts(token: string): Promise<readonly (Result | undefined)[]> {
  const answers = await Promise.all(edge.direct.verify.map((one) => one.verifyToken({ token })));
  return answers.map(({ verification }) => verification?.result);
}
const both = (result: Result) => [result, result];

describe("what is taken away here is refused everywhere at once, and the reverse", () => {
  test("deactivated over REST, refused over gRPC; activated again, the same tokens work", async () => {
    const { id, token } = await newService({ groups: ["user_management"] });
    expect(await verdicts(token)).toEqual(both(Result.VALID));
    expect((await rest.as(token).get("/role")).status).toBe(200);
    await rest.post(`/account/serviceaccount/${id}/deactivate`);
    expect(await verdicts(token)).toEqual(both(Result.OWNER_INACTIVE));
    expect((await rest.as(token).get("/role")).status).toBe(401);
    await rest.post(`/account/serviceaccount/${id}/activate`);
    expect(await verdicts(token)).toEqual(both(Result.VALID));
  });

  test("deactivated over gRPC, refused over REST and shown as inactive", async () => {
    const { id, token } = await newService({ groups: ["user_management"] });
    expect((await rest.as(token).get("/role")).status).toBe(200);
    await edge.direct.serviceUsers.deactivateServiceUser({ serviceUserId: id });
    expect((await rest.as(token).get("/role")).status).toBe(401);
    expect((await rest.get(`/account/serviceaccount/${id}`)).response).toMatchObject({ active: false });
  });

  test("a token that is revoked, and one whose account is deleted", async () => {
    const { id, token } = await newService();
    const second = lastToken(await rest.post(`/apitoken/serviceaccount/${id}`));
    await rest.delete(`/apitoken/serviceaccount/${id}/${token}`);
    expect(await verdicts(token)).toEqual(both(Result.UNKNOWN));
    expect(await verdicts(second)).toEqual(both(Result.VALID));
    await rest.delete(`/account/${id}`);
    expect(await verdicts(second)).toEqual(both(Result.UNKNOWN));
  });

  test("a permission that is revoked, in whichever way it came", async () => {
    const { id, token } = await newService({ groups: ["user_management"] });
    const own = rest.as(token);
    expect((await own.get("/usergroup")).status).toBe(200);
    await rest.post(`/account/${id}/revoke/user_management`);
    expect((await own.get("/usergroup")).status).toBe(403);
    const role = idOf(await rest.post("/role", { name: id, permissions: ["user_management"] }));
    await rest.post(`/role/${role}/addAssignees`, [id]);
    expect((await own.get("/usergroup")).status).toBe(200);
    await rest.put(`/role/${role}`, { permissions: [] });
    expect((await own.get("/usergroup")).status).toBe(403);
  });
});

describe("Terraform settles", () => {
  test("a service account, whose tokens survive empty lists", async () => {
    const role = idOf(await rest.post("/role", { name: `tf ${randomUUID()}`, permissions: ["ingestion"] }));
    const group = idOf(await rest.post("/usergroup", { name: `tf ${randomUUID()}`, roleIDs: [role] }));
    const identifier = `sa::tf-${randomUUID()}`;
    const config = {
      identifier,
      active: true,
      description: "d",
      groups: ["agent_management"],
      userGroups: [group],
      roles: [],
      tokens: [],
    };
    await rest.post("/account/serviceaccount", config);
    const token = lastToken(await rest.post(`/apitoken/serviceaccount/${identifier}`));
    const path = `/account/serviceaccount/${identifier}`;
    const read = (await rest.get(path)).response as Readonly<Record<string, unknown>>;
    expect(read).toMatchObject({ active: true, description: "d", groups: ["agent_management"] });
    expect(read.unitedPermissions).toEqual(["agent_management", "ingestion"]);
    for (const tokens of [[], undefined, null, read.tokens, ["nonsense"]]) {
      expect((await rest.put(path, { ...config, tokens })).response).toEqual(read);
    }
    expect(await verdicts(token)).toEqual(both(Result.VALID));
    const changed = {
      ...config,
      active: false,
      description: "e",
      groups: ["alerts_management"],
      userGroups: [],
    };
    const after = (await rest.put(path, changed)).response;
    expect(after).toMatchObject({ active: false, description: "e", groups: ["alerts_management"] });
    expect((await rest.get(path)).response).toEqual(after);
    expect((await rest.put(path, changed)).response).toEqual(after);
    await rest.delete(`/account/${identifier}`);
    expect((await rest.get(path)).status).toBe(404);
  });

  test("a user, a group and a role", async () => {
    const email = `tf-${randomUUID()}@example.com`;
    const role = idOf(await rest.post("/role", { name: email, permissions: ["dashboard_management"] }));
    const roleConfig = { id: role, name: email, description: "", permissions: ["dashboard_management"] };
    const roleRead = (await rest.get(`/role/${role}`)).response;
    expect((await rest.put(`/role/${role}`, roleConfig)).response).toEqual(roleRead);
    const group = idOf(await rest.post("/usergroup", { name: email, description: "g", roleIDs: [role] }));
    const groupRead = (await rest.get(`/usergroup/${group}`)).response;
    const groupConfig = { id: group, name: email, description: "g", roleIDs: [role] };
    expect((await rest.put(`/usergroup/${group}`, groupConfig)).response).toEqual(groupRead);
    const config = {
      emailAddress: email,
      groups: ["dashboard_management", "ingestion"],
      userGroups: [group],
    };
    await rest.post("/user?sendEmail=false", config);
    const user = (await rest.get(`/user/${email}`)).json;
    const change = { identifier: email, groups: config.groups, userGroups: [group] };
    await rest.put(`/user/${email}`, change);
    expect((await rest.get(`/user/${email}`)).json).toEqual(user);
    await rest.put(`/user/${email}`, { ...change, groups: ["ingestion"], userGroups: [] });
    expect((await rest.get(`/user/${email}`)).json).toMatchObject({ groups: ["ingestion"] });
    await rest.delete(`/user/${email}`);
    await rest.delete(`/usergroup/${group}`);
    await rest.delete(`/role/${role}`);
    for (const path of [`/user/${email}`, `/usergroup/${group}`, `/role/${role}`]) {
      expect((await rest.get(path)).status).toBe(404);
    }
  });
});

test("what can't be made whole is not there, and can be made again", async () => {
  const identifier = `sa::half-${randomUUID()}`;
  const half = { identifier, groups: ["no_such_permission"] };
  for (let round = 0; round < 2; round++) {
    expect((await rest.post("/account/serviceaccount", half)).status).toBe(400);
    expect((await rest.get(`/account/${identifier}`)).status).toBe(404);
  }
  const roles = ((await rest.get("/role?limit=1")).response as { items: Item[] }).items;
  const group = { name: identifier, roleIDs: [roles[0]?.id] };
  expect((await rest.post("/usergroup", group)).status).toBe(400);
  expect((await rest.post("/usergroup", { ...group, roleIDs: [] })).status).toBe(200);
});

describe("a person", () => {
  test("has on joining what the invitation was changed to, and is the same account after it", async () => {
    const email = `p-${randomUUID()}@example.com`;
    const role = idOf(await rest.post("/role", { name: email, permissions: ["events_management"] }));
    const group = idOf(await rest.post("/usergroup", { name: email }));
    await rest.post("/account/user/invite", [{ emailAddress: email, groups: ["ingestion"], userGroups: [] }]);
    await rest.put(`/account/user/${email}`, { groups: ["user_management"], userGroups: [group] });
    await rest.post(`/role/${role}/addAssignees`, [email]);
    const invited = await rest.get(`/account/user/${email}`);
    const before = (await rest.get(`/account/${email}`)).response;
    const invitationToken = await linkTokenFor(
      edge.installation.mailFolder,
      email,
      "You are invited to an account",
    );
    const anyone = connectClients(edge.installation, "");
    const password = "a long enough password";
    await anyone.users.signUp({ email, password, displayName: "P", invitationToken });
    const { token } = await anyone.signIn.signIn({ email, password, account: edge.installation.accountId });
    expect(invited.body.lastSuccessfulLogin).toBeUndefined();
    const joined = (await rest.get(`/account/user/${email}`)).body;
    expect(joined).toEqual({ ...invited.body, lastSuccessfulLogin: expect.any(Number) });
    expect(Date.now() - Number(joined.lastSuccessfulLogin)).toBeLessThan(600_000);
    expect((await rest.get(`/account/${email}`)).response).toEqual(before);
    const own = rest.as(token);
    expect((await own.get("/apitoken")).response).toEqual([]);
    expect((await own.get("/account/user/admin")).response).toEqual([email, "root@example.com"].toSorted());
    const self = await own.post("/search/user", {
      query: [{ key: "id", value: email, matchingMethod: "EXACT" }],
    });
    expect(self.response).toMatchObject({ items: [{ self: true }] });
    await rest.post(`/api/logout/${encodeURIComponent(email)}`);
    expect((await own.get("/apitoken")).status).toBe(401);
    await rest.delete(`/account/${email}`);
    expect((await rest.get(`/account/${email}`)).status).toBe(404);
  });
});

describe("nobody gives more than they have", () => {
  test("who manages accounts can't give what they don't hold", async () => {
    const { id, token } = await newService({ groups: ["user_management"] });
    const other = await newService();
    const manager = rest.as(token);
    expect((await manager.post(`/account/${other.id}/grant/alerts_management`)).status).toBe(403);
    expect((await manager.post(`/account/${id}/grant/ingestion`)).status).toBe(403);
    expect((await manager.post("/role", { name: randomUUID(), permissions: ["ingestion"] })).status).toBe(
      403,
    );
    expect((await manager.post(`/account/${other.id}/grant/user_management`)).status).toBe(200);
    // To invite somebody is theirs; to invite with something in hand is for administrators.
    const emailAddress = `m-${randomUUID()}@example.com`;
    expect((await manager.post("/account/user", { emailAddress })).status).toBe(200);
    expect((await manager.put(`/account/user/${emailAddress}`, { groups: ["user_management"] })).status).toBe(
      403,
    );
    expect((await manager.delete(`/account/${emailAddress}`)).status).toBe(200);
    // Who gives service accounts tokens can't so become the person whose they would be.
    expect((await manager.post(`/apitoken/serviceaccount/${other.id}`)).status).toBe(200);
    const { credentials } = connectClients(edge.installation, token);
    const takeover = credentials.createApiKey({ ownerId: edge.installation.userId });
    await expect(takeover).rejects.toThrow("credential.owners.assign");
  });

  test("who manages nothing sees nothing, but its own tokens, where it may", async () => {
    const { token } = await newService();
    for (const path of ["/account", "/role", "/usergroup", "/user", "/apitoken/customertokens"]) {
      expect((await rest.as(token).get(path)).status).toBe(403);
    }
    const { token: reader } = await newService({ groups: ["credential.credentials.read"] });
    const { response } = await rest.as(reader).get("/apitoken");
    expect(response).toMatchObject([{ tokenID: expect.any(String) }]);
  });

  test("another account's things are not there", async () => {
    const { accounts, serviceUsers, credentials } = edge.direct;
    const { account } = await accounts.createAccount({ displayName: "Other" });
    const accountId = account?.accountId ?? "";
    const { serviceUser } = await serviceUsers.createServiceUser({ accountId, name: "stranger" });
    const ownerId = serviceUser?.serviceUserId ?? "";
    const { token } = await credentials.createApiKey({ accountId, ownerId });
    const stranger = rest.as(token);
    const { id } = await newService();
    const role = idOf(await rest.post("/role", { name: randomUUID() }));
    const group = idOf(await rest.post("/usergroup", { name: randomUUID() }));
    for (const path of [`/account/serviceaccount/${id}`, `/role/${role}`, `/usergroup/${group}`]) {
      expect((await stranger.get(path)).status).toBe(404);
    }
    expect(JSON.stringify((await stranger.get("/usergroup")).json)).not.toContain(group);
  });
});

test("while service users act as developers, nothing can be given to them, and they show what they hold", async () => {
  const { policies } = edge.direct;
  const updateMask = { paths: ["service_user_policy"] };
  const { id } = await newService({ groups: ["ingestion"] });
  const developers = { serviceUserPolicy: ServiceUserPolicy.DEVELOPER, updateMask };
  await policies.updateAccountPolicy(developers);
  const answer = await rest.post(`/account/${id}/grant/events_management`);
  expect(answer.status).toBe(409);
  expect((await rest.get(`/account/${id}`)).response).toMatchObject({
    groups: ["ingestion"],
    unitedPermissions: expect.arrayContaining(["credential.credentials.write"]),
  });
  await policies.updateAccountPolicy({ ...developers, serviceUserPolicy: ServiceUserPolicy.SCOPED });
  expect((await rest.get(`/account/${id}`)).response).toMatchObject({ unitedPermissions: ["ingestion"] });
});

test("the access log has no token, wherever a client wrote it", async () => {
  const { id, token } = await newService();
  await rest.delete(`/apitoken/serviceaccount/${id}/${token}`);
  const secret = token.split("_").at(-1) ?? "";
  const has = (text: string) => edge.gateway.log.some((line) => line.includes(text));
  // A line is written when its answer has gone.
  await expect.poll(() => has(`/api/v2/apitoken/serviceaccount/${id}/…`)).toBe(true);
  expect(has(secret)).toBe(false);
});
