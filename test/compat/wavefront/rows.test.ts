// Each row of the tables of contracts/wavefront.md §4, against real processes. Each answer is held against the
// served description, and in the end each operation that is described was answered.
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Edge } from "../support/edge.ts";
import { startScopedEdge, uuidV4 } from "../support/scoped-edge.ts";
import type { WavefrontAnswer, WavefrontClient } from "../support/wavefront-client.ts";

let edge: Edge;
let rest: WavefrontClient;
const email = () => `u-${randomUUID()}@example.com`;
const saId = () => `sa::s-${randomUUID()}`;
let everyone: string;
beforeAll(async () => {
  ({ edge, rest } = await startScopedEdge());
  const found = await rest.post("/search/usergroup", {
    query: [{ key: "name", value: "Everyone", matchingMethod: "EXACT" }],
  });
  everyone = itemsOf(found)[0]?.id ?? "";
});
afterAll(() => edge[Symbol.asyncDispose]());

type Item = Readonly<Record<string, string>>;
/** The document was checked for what stands there. */
const itemsOf = ({ response }: WavefrontAnswer) => (response as { items: readonly Item[] }).items;
const idOf = ({ response }: WavefrontAnswer) => (response as Item).id ?? "";
const newRole = async (permissions: readonly string[] = []) =>
  idOf(await rest.post("/role", { name: `r ${randomUUID()}`, permissions }));
const newGroup = async (roleIDs: readonly string[] = []) =>
  idOf(await rest.post("/usergroup", { name: `g ${randomUUID()}`, roleIDs }));
async function newUser(body: object = {}): Promise<string> {
  const emailAddress = email();
  await rest.post("/account/user?sendEmail=false", { emailAddress, ...body });
  return emailAddress;
}
async function newService(body: object = {}): Promise<string> {
  const identifier = saId();
  expect((await rest.post("/account/serviceaccount", { identifier, ...body })).status).toBe(200);
  return identifier;
}
const status = { result: "OK", code: 200, message: "" };
/** The bare model and the envelope in one body. */
const merged = (model: object) => ({ status: 200, body: { ...model, status, response: model } });

describe("§4.3 accounts", () => {
  test("GET /account is a page that can be walked", async () => {
    for (let index = 0; index < 3; index++) await newService();
    await newUser();
    const all = itemsOf(await rest.get("/account?limit=999"));
    const walked: Item[] = [];
    for (let offset = 0, more = true; more; offset += 2) {
      const { response } = await rest.get(`/account?offset=${offset}&limit=2`);
      const page = response as { items: Item[]; moreItems: boolean; totalItems: number };
      expect(page).toMatchObject({ offset, limit: 2, totalItems: all.length });
      walked.push(...page.items);
      more = page.moreItems;
    }
    expect(walked).toEqual(all);
    expect(all.length).toBeGreaterThanOrEqual(5);
  });

  test("GET and DELETE /account/{id}, with the id as it is and percent-encoded", async () => {
    for (const id of [await newService(), await newUser()]) {
      for (const path of [id, encodeURIComponent(id), id.toUpperCase()]) {
        const { response } = await rest.get(`/account/${path}`);
        expect(response).toMatchObject({ identifier: id, groups: [], roles: [], userGroups: [everyone] });
      }
      expect((await rest.delete(`/account/${encodeURIComponent(id)}`)).response).toMatchObject({
        identifier: id,
      });
      expect((await rest.get(`/account/${id}`)).status).toBe(404);
      expect((await rest.delete(`/account/${id}`)).status).toBe(404);
    }
  });

  test("POST /account/deleteAccounts tells what was deleted, and what was not there", async () => {
    const ids = [await newService(), await newUser()];
    const answer = await rest.post("/account/deleteAccounts", [...ids, "sa::nobody"]);
    expect(answer.response).toEqual(ids);
    expect(answer.body.status).toEqual({ ...status, message: "Unknown accounts were ignored: 1" });
    expect((await rest.post("/account/deleteAccounts", ids)).status).toBe(400);
  });

  test("POST /account/validateAccounts", async () => {
    const id = await newUser();
    const { response } = await rest.post("/account/validateAccounts", [id, "nobody@example.com"]);
    expect(response).toMatchObject({
      validUsers: [{ identifier: id }],
      invalidIdentifiers: ["nobody@example.com"],
    });
  });

  test("GET /account/{id}/businessFunctions tells what the account can do", async () => {
    const id = await newService();
    expect((await rest.get(`/account/${id}/businessFunctions`)).response).toEqual([]);
    await rest.post(`/account/${id}/grant/user_management`);
    expect((await rest.get(`/account/${id}/businessFunctions`)).response).toEqual(
      expect.arrayContaining(["GET_ALL_USERS", "ADMINISTER_SERVICE_ACCOUNTS", "INVITE_USER"]),
    );
  });

  test.each([
    ["a service account", newService],
    ["a user", newUser],
  ])("POST /account/{id}/grant and revoke, of %s", async (_, create) => {
    const id = await create();
    const granted = await rest.post(`/account/${id}/grant/alerts_management`, {});
    const { customer, userGroups } = granted.body;
    const model = { identifier: id, customer, groups: ["alerts_management"], userGroups, roles: [] };
    expect(granted).toMatchObject(merged(model));
    expect(userGroups).toMatchObject([{ id: everyone, name: "Everyone" }]);
    const revoked = await rest.post(`/account/${id}/revoke/alerts_management`, "null");
    expect(revoked).toMatchObject(merged({ ...model, groups: [] }));
    expect((await rest.post(`/account/${id}/grant/no_such_permission`)).status).toBe(400);
  });

  test("POST /account/grant and revoke, of many accounts", async () => {
    const ids = [await newService(), await newUser(), await newService()];
    const granted = await rest.post("/account/grant/events_management", ids);
    expect(granted.body).toMatchObject({ identifier: ids[0], groups: ["events_management"] });
    for (const id of ids) {
      expect((await rest.get(`/account/${id}`)).response).toMatchObject({ groups: ["events_management"] });
    }
    await rest.post("/account/revoke/events_management", ids);
    for (const id of ids) expect((await rest.get(`/account/${id}`)).response).toMatchObject({ groups: [] });
  });

  test.each([
    ["a service account", newService],
    ["a user", newUser],
  ])("POST /account/{id}/addRoles and removeRoles, of %s", async (_, create) => {
    const [id, role] = [await create(), await newRole(["ingestion"])];
    const added = await rest.post(`/account/${id}/addRoles`, [role]);
    expect(added.body).toMatchObject({ identifier: id, groups: [], roles: [{ id: role }] });
    const { response } = await rest.get(`/account/${id}`);
    expect(response).toMatchObject({
      roles: [role],
      unitedPermissions: expect.arrayContaining(["ingestion"]),
    });
    const removed = await rest.post(`/account/${id}/removeRoles`, [role, randomUUID()]);
    expect(removed.body).toMatchObject({ identifier: id, roles: [] });
    expect((await rest.post(`/account/${id}/addRoles`, [randomUUID()])).status).toBe(400);
  });

  test.each([
    ["a service account", newService],
    ["a user", newUser],
  ])("POST /account/{id}/addUserGroups and removeUserGroups, of %s", async (_, create) => {
    const [id, group] = [await create(), await newGroup()];
    const added = await rest.post(`/account/${id}/addUserGroups`, [group]);
    expect(added.body.userGroups).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ id: group }),
        expect.objectContaining({ id: everyone }),
      ]),
    );
    expect((await rest.get(`/usergroup/${group}`)).response).toMatchObject({ users: [id], userCount: 1 });
    const removed = await rest.post(`/account/${id}/removeUserGroups`, [group]);
    expect(removed.body.userGroups).toMatchObject([{ id: everyone }]);
    expect((await rest.post(`/account/${id}/removeUserGroups`, [everyone])).status).toBe(400);
  });

  test("GET /account/user is all of them, in the envelope", async () => {
    const id = await newUser({ groups: ["ingestion"] });
    const { response } = await rest.get("/account/user");
    expect(response).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ identifier: "root@example.com" }),
        expect.objectContaining({ identifier: id, groups: ["ingestion"] }),
      ]),
    );
  });

  test("POST /account/user creates, and updates who is there", async () => {
    const [emailAddress, role, group] = [email(), await newRole(), await newGroup()];
    const body = { emailAddress, groups: ["ingestion"], userGroups: [group], roles: [role] };
    const created = await rest.post("/account/user?sendEmail=True", body);
    expect(created).toMatchObject({
      status: 200,
      body: { identifier: emailAddress, groups: ["ingestion"], roles: [{ id: role }] },
      response: { identifier: emailAddress, groups: ["ingestion"] },
    });
    const updated = await rest.post("/account/user?sendEmail=true", {
      emailAddress,
      groups: [],
      roles: null,
    });
    expect(updated.body).toMatchObject({ groups: [], roles: [{ id: role }] });
    expect((await rest.post("/account/user", { emailAddress: "nonsense" })).status).toBe(400);
    expect((await rest.post("/account/user", {})).status).toBe(400);
  });

  test("GET and PUT /account/user/{email}; what is read is bare, and may be written back", async () => {
    const id = await newUser({ groups: ["ingestion"] });
    const read = await rest.get(`/account/user/${id}`);
    expect(read.body).toMatchObject({ identifier: id, groups: ["ingestion"] });
    expect(read.body.status).toBeUndefined();
    const same = await rest.put(`/account/user/${id}`, read.body);
    expect(same).toMatchObject(merged(read.body));
    const changed = await rest.put(`/account/user/${encodeURIComponent(id)}`, {
      identifier: id,
      groups: ["alerts_management", "ingestion"],
    });
    expect(changed.body.groups).toEqual(["alerts_management", "ingestion"]);
    expect((await rest.put(`/account/user/${id}`, { identifier: "x@example.com" })).status).toBe(400);
    expect((await rest.put(`/account/user/${id}`, { credential: "a new password" })).status).toBe(400);
    expect((await rest.get("/account/user/sa::x")).status).toBe(404);
  });

  test("POST /account/user/invite takes a list and answers with the first; to do so again is no error", async () => {
    const users = [
      { emailAddress: email(), groups: ["ingestion"], userGroups: [] },
      { emailAddress: email(), groups: [], userGroups: [] },
    ];
    for (let round = 0; round < 2; round++) {
      const { body } = await rest.post("/account/user/invite", users);
      expect(body).toMatchObject({ identifier: users[0]?.emailAddress, groups: ["ingestion"] });
    }
    const again = await rest.post("/account/user/invite", [{ emailAddress: "root@example.com" }]);
    expect(again.status).toBe(409);
    expect(again.body.status).toMatchObject({
      message: "User with id root@example.com is already created in our system.",
    });
  });

  test("GET /account/user/admin tells who manages accounts", async () => {
    expect((await rest.get("/account/user/admin")).response).toEqual(["root@example.com"]);
  });

  test("GET and POST /account/serviceaccount", async () => {
    const name = `S-${randomUUID()}`;
    const [role, group] = [await newRole(["agent_management"]), await newGroup()];
    const { response } = await rest.post("/account/serviceaccount", {
      identifier: `sa::${name}`,
      active: true,
      description: "a proxy",
      groups: ["ingestion"],
      userGroups: [group],
      roles: [role],
      tokens: [],
    });
    expect(response).toMatchObject({
      identifier: `sa::${name.toLowerCase()}`,
      active: true,
      description: "a proxy",
      tokens: [],
      groups: ["ingestion"],
      roles: [{ id: role }],
      unitedPermissions: ["agent_management", "ingestion"],
      unitedRoles: [role],
    });
    const same = await rest.post("/account/serviceaccount", { identifier: name.toUpperCase() });
    expect(same.status).toBe(409);
    expect((await rest.get("/account/serviceaccount")).response).toContainEqual(response);
    for (const identifier of ["", "sa::", "a/b", null]) {
      expect((await rest.post("/account/serviceaccount", { identifier })).status).toBe(400);
    }
  });

  test("a service account that begins inactive", async () => {
    const id = await newService({ active: false });
    expect((await rest.get(`/account/serviceaccount/${id}`)).response).toMatchObject({ active: false });
  });

  test("GET and PUT /account/serviceaccount/{id}; 404 for who is not there", async () => {
    const id = await newService({ description: "one", groups: ["ingestion"] });
    const path = `/account/serviceaccount/${id}`;
    const read = (await rest.get(path)).response;
    expect((await rest.put(path, read)).response).toEqual(read);
    const { response } = await rest.put(path, {
      identifier: id,
      description: "two",
      groups: [],
      active: false,
    });
    expect(response).toMatchObject({ description: "two", groups: [], active: false });
    expect((await rest.put(path, {})).response).toEqual(response);
    for (const unknown of [
      "sa::nobody",
      "sa::a%2Fb",
      "sa::%00",
      "nobody@example.com",
      `sa::${"x".repeat(300)}`,
    ]) {
      expect((await rest.get(`/account/serviceaccount/${unknown}`)).status).toBe(404);
      expect((await rest.put(`/account/serviceaccount/${unknown}`, {})).status).toBe(404);
    }
  });

  test("POST /account/serviceaccount/{id}/activate and deactivate", async () => {
    const id = await newService();
    const path = `/account/serviceaccount/${encodeURIComponent(id)}`;
    expect((await rest.post(`${path}/deactivate`, {})).response).toMatchObject({ active: false });
    expect((await rest.post(`${path}/deactivate`, "null")).response).toMatchObject({ active: false });
    expect((await rest.post(`${path}/activate`)).response).toMatchObject({ active: true });
  });
});

describe("§4.4 the older /user", () => {
  test("GET /user is a bare list; POST, GET, PUT and DELETE /user/{email}", async () => {
    const id = email();
    const user = { emailAddress: id, groups: ["ingestion"], userGroups: [] };
    const created = await rest.post("/user?sendEmail=false", user);
    expect(created.body).toMatchObject({
      identifier: id,
      groups: ["ingestion"],
      response: { identifier: id },
    });
    expect((await rest.get("/user")).json).toEqual(
      expect.arrayContaining([expect.objectContaining({ identifier: id, userGroups: expect.any(Array) })]),
    );
    expect((await rest.get(`/user/${id}`)).body).toMatchObject({ identifier: id });
    const change = { identifier: id, groups: ["alerts_management"], userGroups: [] };
    expect((await rest.put(`/user/${id}`, change)).body).toMatchObject({ groups: ["alerts_management"] });
    expect((await rest.delete(`/user/${id}`)).status).toBe(200);
    expect((await rest.get(`/user/${id}`)).status).toBe(404);
  });

  test("POST /user/{id}/grant and revoke take a form", async () => {
    const id = await newUser();
    const form = {
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: "group=ingestion",
    };
    expect((await rest.call("POST", `/user/${id}/grant`, form)).body).toMatchObject({
      groups: ["ingestion"],
    });
    expect((await rest.call("POST", `/user/${id}/revoke`, form)).body).toMatchObject({ groups: [] });
    expect((await rest.call("POST", `/user/${id}/grant`, { ...form, body: "" })).status).toBe(400);
  });

  test("the others are as under /account", async () => {
    const [id, group] = [await newUser(), await newGroup()];
    expect((await rest.post("/user/grant/ingestion", [id])).body).toMatchObject({ groups: ["ingestion"] });
    expect((await rest.post("/user/revoke/ingestion", [id])).body).toMatchObject({ groups: [] });
    await rest.post(`/user/${id}/addUserGroups`, [group]);
    expect((await rest.get(`/usergroup/${group}`)).response).toMatchObject({ users: [id] });
    await rest.post(`/user/${id}/removeUserGroups`, [group]);
    expect((await rest.get(`/usergroup/${group}`)).response).toMatchObject({ users: [] });
    const invited = email();
    await rest.post("/user/invite", [{ emailAddress: invited, groups: [], userGroups: [] }]);
    expect((await rest.post("/user/validateUsers", [invited])).response).toMatchObject({
      validUsers: [{ identifier: invited }],
    });
    expect((await rest.get("/user/root@example.com/businessFunctions")).response).toContain("LOGIN");
    expect((await rest.get(`/user/${invited}/businessFunctions`)).response).toEqual([]);
    expect((await rest.post("/user/deleteUsers", [invited])).response).toEqual([invited]);
  });
});

describe("§4.5 tokens", () => {
  type Token = Readonly<Record<"tokenID" | "tokenName" | "account", string>>;
  const listOf = ({ response }: WavefrontAnswer) => response as readonly Token[];

  test.each([
    ["one's own", async () => "/apitoken", "root@example.com"],
    ["a service account's", async () => `/apitoken/serviceaccount/${await newService()}`, undefined],
  ])(
    "%s: the new one is last and carries the secret once; renamed and revoked by id",
    async (_, path, owner) => {
      const collection = await path();
      const before = listOf(await rest.get(collection));
      const created = listOf(await rest.post(collection, { tokenID: "", tokenName: "ci" }));
      const secret = created.at(-1)?.tokenID ?? "";
      expect(secret).toMatch(/^pcak_/);
      expect(created.slice(0, -1)).toEqual(before);
      const after = listOf(await rest.get(collection));
      const token = after.at(-1);
      expect(token).toMatchObject({ tokenName: "ci", ...(owner === undefined ? {} : { account: owner }) });
      expect(token?.tokenID).toMatch(uuidV4);
      expect(JSON.stringify(after)).not.toContain(secret);
      const one = `${collection}/${token?.tokenID ?? ""}`;
      const renamed = await rest.put(one, { tokenID: token?.tokenID, tokenName: "cd" });
      expect(renamed.response).toEqual({ ...token, tokenName: "cd" });
      expect(listOf(await rest.delete(one))).toEqual(before);
      expect((await rest.delete(one)).status).toBe(404);
      expect((await rest.put(`${collection}/nonsense`, { tokenName: "x" })).status).toBe(404);
    },
  );

  test("a token can be named by itself, where a client knows nothing else of it", async () => {
    const collection = `/apitoken/serviceaccount/${await newService()}`;
    const secret = listOf(await rest.post(collection, {})).at(-1)?.tokenID ?? "";
    const renamed = await rest.put(`${collection}/${secret}`, { tokenID: secret, tokenName: "named" });
    expect(renamed.response).toMatchObject({ tokenName: "named" });
    expect(listOf(await rest.delete(`${collection}/${secret}`))).toEqual([]);
  });

  test("one's own are not another one's", async () => {
    const service = `/apitoken/serviceaccount/${await newService()}`;
    await rest.post(service);
    const [token] = listOf(await rest.get(service));
    expect((await rest.delete(`/apitoken/${token?.tokenID ?? ""}`)).status).toBe(404);
    expect(listOf(await rest.get(service))).toHaveLength(1);
  });

  test("GET /apitoken/customertokens, one of them, and PUT /apitoken/customertokens/revoke", async () => {
    const id = await newService();
    await rest.post(`/apitoken/serviceaccount/${id}`, { tokenName: "x" });
    await rest.post(`/account/serviceaccount/${id}/deactivate`);
    const { response } = await rest.get("/apitoken/customertokens");
    const found = (response as Item[]).find(({ account }) => account === id);
    expect(found).toMatchObject({ name: "x", accountType: "INACTIVE_SERVICE_ACCOUNT" });
    const one = `/apitoken/customertokens/${found?.id ?? ""}`;
    expect((await rest.get(one)).response).toEqual(found);
    const revoked = await rest.put("/apitoken/customertokens/revoke", { tokenID: found?.id });
    expect(revoked.response).toMatchObject({ tokenID: found?.id, account: id });
    expect((await rest.get(one)).status).toBe(404);
    expect((await rest.put("/apitoken/customertokens/revoke", {})).status).toBe(404);
  });
});

describe("§4.6 groups and roles", () => {
  test("GET and POST /usergroup; GET, PUT and DELETE /usergroup/{id}", async () => {
    const role = await newRole(["ingestion"]);
    const name = `Team ${randomUUID()}`;
    const created = await rest.post("/usergroup", { name, description: "of us", roleIDs: [role] });
    expect(created.response).toMatchObject({
      id: expect.stringMatching(uuidV4),
      name,
      description: "of us",
      users: [],
      userCount: 0,
      roles: [{ id: role, permissions: ["ingestion"] }],
      roleCount: 1,
      properties: { nameEditable: true, usersEditable: true, rolesEditable: true },
    });
    const path = `/usergroup/${idOf(created)}`;
    expect((await rest.get(path)).response).toEqual(created.response);
    expect(itemsOf(await rest.get("/usergroup?limit=2"))).toEqual([
      expect.objectContaining({ id: everyone }),
      created.response,
    ]);
    expect((await rest.post("/usergroup", { name })).status).toBe(409);
    expect((await rest.post("/usergroup", { roleIDs: [] })).status).toBe(400);
    const changed = await rest.put(path, { id: idOf(created), name, description: "", roleIDs: [] });
    expect(changed.response).toMatchObject({ name, roles: [] });
    expect((changed.response as Item).description).toBeUndefined();
    // One client sends «Roles», which is nobody's field.
    expect((await rest.put(path, { name, Roles: [role] })).response).toEqual(changed.response);
    expect((await rest.delete(path)).response).toEqual(changed.response);
    expect((await rest.get(path)).status).toBe(404);
    expect((await rest.get("/usergroup/nonsense")).status).toBe(404);
  });

  test("POST /usergroup/{id}/addUsers, removeUsers, addRoles and removeRoles", async () => {
    const [group, role, sa, user] = [await newGroup(), await newRole(), await newService(), await newUser()];
    const path = `/usergroup/${group}`;
    const added = await rest.post(`${path}/addUsers`, [sa, user]);
    expect(added.response).toMatchObject({ users: expect.arrayContaining([sa, user]), userCount: 2 });
    expect((await rest.post(`${path}/removeUsers`, [sa])).response).toMatchObject({ users: [user] });
    expect((await rest.post(`${path}/addRoles`, [role])).response).toMatchObject({ roles: [{ id: role }] });
    expect((await rest.get(`/account/${user}`)).response).toMatchObject({ roles: [] });
    expect((await rest.post(`${path}/removeRoles`, [role])).response).toMatchObject({ roles: [] });
    expect((await rest.post(`${path}/removeUsers`, ["sa::nobody"])).status).toBe(400);
  });

  test("Everyone has all, can't be left, renamed or deleted, and can be given roles", async () => {
    const path = `/usergroup/${everyone}`;
    const { response } = await rest.get(path);
    expect(response).toMatchObject({
      name: "Everyone",
      properties: { nameEditable: false, usersEditable: false, rolesEditable: true },
      userCount: expect.any(Number),
    });
    expect((await rest.put(path, { name: "All" })).status).toBe(400);
    expect((await rest.put(path, { name: "Everyone" })).response).toMatchObject({ name: "Everyone" });
    expect((await rest.delete(path)).status).toBe(400);
    expect((await rest.post(`${path}/removeUsers`, ["root@example.com"])).status).toBe(400);
    const [role, sa] = [await newRole(["external_links_management"]), await newService()];
    await rest.post(`${path}/addRoles`, [role]);
    expect((await rest.get(`/account/${sa}`)).response).toMatchObject({
      unitedPermissions: ["external_links_management"],
    });
    await rest.post(`${path}/removeRoles`, [role]);
  });

  test("GET and POST /role; GET, PUT and DELETE /role/{id}", async () => {
    const name = `Role ${randomUUID()}`;
    const body = { name, description: "for us", permissions: ["user_management", "ingestion"] };
    const created = await rest.post("/role", body);
    expect(created.response).toMatchObject({
      id: expect.stringMatching(uuidV4),
      name,
      description: "for us",
      permissions: ["ingestion", "user_management"],
      linkedAccountsCount: 0,
      linkedGroupsCount: 0,
      properties: { deletable: true },
    });
    const path = `/role/${idOf(created)}`;
    expect((await rest.get(path)).response).toEqual(created.response);
    expect(itemsOf(await rest.get("/role?offset=8&limit=1"))).toEqual([created.response]);
    const changed = await rest.put(path, {
      id: idOf(created),
      name,
      description: "x",
      permissions: ["ingestion"],
    });
    expect(changed.response).toMatchObject({ description: "x", permissions: ["ingestion"] });
    expect((await rest.put(path, { id: idOf(created) })).response).toEqual(changed.response);
    expect((await rest.post("/role", { name })).status).toBe(409);
    expect((await rest.post("/role", { name: `x${name}`, permissions: ["no_such"] })).status).toBe(400);
    expect((await rest.delete(path)).response).toEqual(changed.response);
    expect((await rest.get(path)).status).toBe(404);
  });

  test("POST /role/{id}/addAssignees and removeAssignees take accounts and groups", async () => {
    const [role, group, sa, user] = [await newRole(), await newGroup(), await newService(), await newUser()];
    const added = await rest.post(`/role/${role}/addAssignees`, [group, sa, user, randomUUID()]);
    expect(added.body.status).toMatchObject({ message: "Unknown users and user groups were ignored: 1" });
    expect(added.response).toMatchObject({
      linkedAccountsCount: 2,
      linkedGroupsCount: 1,
      sampleLinkedAccounts: expect.arrayContaining([sa, user]),
      sampleLinkedGroups: [{ id: group }],
    });
    const removed = await rest.post(`/role/${role}/removeAssignees`, [group, sa]);
    expect(removed.response).toMatchObject({ sampleLinkedAccounts: [user], sampleLinkedGroups: [] });
    const bad = await rest.post(`/role/${role}/removeAssignees`, [randomUUID(), "sa::nobody"]);
    expect([bad.status, bad.body.status]).toEqual([
      400,
      { result: "ERROR", message: "No valid user or user group IDs were found.", code: 400 },
    ]);
  });

  test("POST /role/grant and revoke", async () => {
    const roles = [await newRole(["ingestion"]), await newRole()];
    const granted = await rest.post("/role/grant/alerts_management", roles);
    expect(granted.response).toMatchObject({ id: roles[0], permissions: ["alerts_management", "ingestion"] });
    await rest.post("/role/revoke/alerts_management", roles);
    expect((await rest.get(`/role/${roles[1] ?? ""}`)).response).toMatchObject({ permissions: [] });
    expect((await rest.post("/role/grant/ingestion", [])).status).toBe(400);
    expect((await rest.post("/role/grant/ingestion", [randomUUID()])).status).toBe(404);
  });

  test("built-in roles are there, and can't be changed", async () => {
    const [administrator] = itemsOf(await rest.get("/role?limit=1"));
    expect(administrator).toMatchObject({
      name: "Administrator",
      sampleLinkedAccounts: ["root@example.com"],
    });
    const path = `/role/${administrator?.id ?? ""}`;
    expect((await rest.delete(path)).status).toBe(409);
    expect((await rest.put(path, { name: "x" })).status).toBe(409);
  });
});

describe("§4.6 search", () => {
  const exactly = (key: string, value: string) => ({ query: [{ key, value, matchingMethod: "EXACT" }] });

  test.each(["account", "user", "serviceaccount"])(
    "POST /search/%s finds what was just made",
    async (kind) => {
      const id =
        kind === "user"
          ? await newUser({ groups: ["ingestion"] })
          : await newService({ groups: ["ingestion"] });
      const find = async (...query: object[]) =>
        itemsOf(await rest.post(`/search/${kind}`, { query })).map(({ identifier }) => identifier);
      const part = id.slice(-20);
      expect(await find({ key: "id", value: id, matchingMethod: "EXACT" })).toEqual([id]);
      expect(await find({ key: "identifier", value: part.toUpperCase() })).toEqual([id]);
      expect(await find({ key: "id", value: id.slice(0, -4), matchingMethod: "STARTSWITH" })).toEqual([id]);
      expect(await find({ key: "id", value: part }, { key: "groups", value: "ingestion" })).toEqual([id]);
      expect(
        await find({ key: "id", value: part }, { key: "groups", value: "ingestion", negated: true }),
      ).toEqual([]);
      expect(await find({ key: "id", values: ["nobody@example.com", id], matchingMethod: "EXACT" })).toEqual([
        id,
      ]);
      const all = await rest.post(`/search/${kind}`, { limit: 1, offset: 1 });
      expect(all.response).toMatchObject({ offset: 1, limit: 1, items: [expect.anything()] });
      const sorted = await rest.post(`/search/${kind}`, {
        sort: { field: "id", ascending: false },
        limit: 1000,
      });
      const ids = itemsOf(sorted).map(({ identifier }) => identifier ?? "");
      expect(ids).toEqual(ids.toSorted().toReversed());
      expect((await rest.post(`/search/${kind}`, exactly("nonsense", "x"))).status).toBe(400);
    },
  );

  test("POST /search/usergroup, role and token find one by id, and by name", async () => {
    const [group, role, sa] = [await newGroup(), await newRole(["ingestion"]), await newService()];
    await rest.post(`/apitoken/serviceaccount/${sa}`, { tokenName: "to be found" });
    expect(itemsOf(await rest.post("/search/usergroup", exactly("id", group)))).toMatchObject([
      { id: group },
    ]);
    expect(itemsOf(await rest.post("/search/usergroup", exactly("name", "everyone")))).toHaveLength(1);
    const found = itemsOf(await rest.post("/search/role", exactly("id", role)));
    expect(found).toMatchObject([{ id: role, permissions: ["ingestion"] }]);
    const tokens = itemsOf(await rest.post("/search/token", exactly("account", sa)));
    expect(tokens).toMatchObject([{ name: "to be found", accountType: "SERVICE_ACCOUNT" }]);
  });

  test.each(["account", "user", "serviceaccount", "usergroup", "role", "token"])(
    "POST /search/%s/{facet} and /facets tell the values",
    async (kind) => {
      const facet = await rest.post(`/search/${kind}/id`, { limit: 2 });
      expect(facet.response).toMatchObject({ limit: 2, items: expect.any(Array) });
      const [first = ""] = (facet.response as { items: string[] }).items;
      const narrowed = await rest.post(`/search/${kind}/id`, { facetQuery: first });
      expect((narrowed.response as { items: string[] }).items).toContain(first);
      const facets = await rest.post(`/search/${kind}/facets`, { facets: ["id"], limit: 1 });
      expect(facets.response).toEqual({ facets: { id: [first] }, limit: 1 });
      expect((await rest.post(`/search/${kind}/nonsense`, {})).status).toBe(400);
    },
  );
});

describe("§4.6 who may reach what, and settings", () => {
  test.each(["alert", "dashboard"])("/%s/acl", async (objectType) => {
    const [one, other] = [randomUUID(), randomUUID()];
    await edge.direct.objects.registerObjects({
      objectType,
      objects: [{ objectId: one }, { objectId: other }],
    });
    const [sa, group] = [await newService(), await newGroup()];
    const read = async () => (await rest.get(`/${objectType}/acl?id=${one}&id=${other}`)).response;
    const open = [{ id: everyone, name: "Everyone" }];
    expect(await read()).toEqual([
      { entityId: one, viewAcl: [], modifyAcl: open },
      { entityId: other, viewAcl: [], modifyAcl: open },
    ]);
    const entry = { entityId: one, viewAcl: [sa], modifyAcl: [group] };
    expect((await rest.put(`/${objectType}/acl/set`, [entry])).status).toBe(200);
    expect(await read()).toMatchObject([{ viewAcl: [{ id: sa, name: sa }], modifyAcl: [{ id: group }] }, {}]);
    await rest.post(`/${objectType}/acl/add`, [
      { entityId: one, viewAcl: [], modifyAcl: ["root@example.com"] },
    ]);
    expect(await read()).toMatchObject([
      { modifyAcl: expect.arrayContaining([{ id: "root@example.com", name: "root@example.com" }]) },
      {},
    ]);
    await rest.post(`/${objectType}/acl/remove`, [
      { entityId: one, viewAcl: [sa, "root@example.com"], modifyAcl: [group] },
    ]);
    expect(await read()).toMatchObject([{ viewAcl: [{ id: group }], modifyAcl: [] }, {}]);
    // What a command line does to clear a list.
    await rest.put(`/${objectType}/acl/set`, [{ entityId: one, viewAcl: [], modifyAcl: [everyone] }]);
    expect(await read()).toMatchObject([{ viewAcl: [], modifyAcl: open }, {}]);
    expect((await rest.put(`/${objectType}/acl/set`, [{ ...entry, viewAcl: ["nobody"] }])).status).toBe(400);
    expect((await rest.get(`/${objectType}/acl?id=unknown`)).status).toBe(404);
  });

  test("GET /customer/permissions", async () => {
    const { json } = await rest.get("/customer/permissions");
    expect(json).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ groupName: "alerts_management", displayName: "Alerts" }),
        expect.objectContaining({ groupName: "user_management", displayName: "Accounts, Groups & Roles" }),
      ]),
    );
    expect(JSON.stringify(json)).not.toContain("installation.");
  });

  test("GET and POST /customer/preferences, and the groups of new users", async () => {
    const group = await newGroup();
    const before = await rest.get("/customer/preferences");
    expect(before.body).toMatchObject({ grantModifyAccessToEveryone: true, invitePermissions: [] });
    const changed = await rest.post("/customer/preferences", {
      grantModifyAccessToEveryone: false,
      defaultUserGroups: [everyone, group],
      invitePermissions: ["user_management"],
      landingDashboardSlug: "not ours",
    });
    expect(changed.body).toMatchObject({
      grantModifyAccessToEveryone: false,
      defaultUserGroups: [{ id: everyone }, { id: group }],
      invitePermissions: ["user_management"],
    });
    expect((await rest.get("/customer/preferences/defaultUserGroups")).response).toEqual(
      changed.body.defaultUserGroups,
    );
    const part = await rest.post("/customer/preferences", { defaultUserGroups: [], invitePermissions: [] });
    expect(part.body).toMatchObject({ grantModifyAccessToEveryone: false, invitePermissions: [] });
    await rest.post("/customer/preferences", { grantModifyAccessToEveryone: true });
  });

  test("POST /api/logout/{email} is for super administrators", async () => {
    expect((await rest.post("/api/logout/root@example.com")).body).toEqual({ status });
    expect((await rest.post("/api/logout/nobody@example.com")).status).toBe(404);
    const sa = await newService({ groups: ["user_management"] });
    const created = await rest.post(`/apitoken/serviceaccount/${sa}`);
    const token = (created.response as { tokenID: string }[]).at(-1)?.tokenID ?? "";
    expect((await rest.as(token).post("/api/logout/root@example.com")).status).toBe(403);
  });
});

test("every documented operation was answered", () => {
  const { operationIds, exercised } = rest.document;
  expect(new Set(operationIds).size).toBe(operationIds.length);
  expect([...exercised].toSorted()).toEqual([...operationIds].toSorted());
});
