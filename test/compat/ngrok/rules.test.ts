// The rules of contracts/ngrok.md §1, each by its code and status, through plain HTTP.
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectClients } from "../../e2e/support/connect-client.ts";
import { newSshPublicKey } from "../../e2e/support/ssh-key.ts";
import { type Edge, publicOrigin, startEdge } from "../support/edge.ts";
import { type Answer, RestClient } from "../support/rest-client.ts";

let edge: Edge;
let rest: RestClient;
/** An administrator and a service user of the first account, and of another one. */
let bot: { readonly id: string; readonly rest: RestClient; readonly authtoken: string };
let stranger: RestClient;
beforeAll(async () => {
  edge = await startEdge();
  rest = new RestClient(edge.gateway.url, edge.installation.apiKey);
  const { body } = await rest.post("/service_users", { name: `bot-${randomUUID()}` });
  const key = await rest.post("/api_keys", { owner_id: body.id });
  const authtoken = await rest.post("/credentials", { owner_id: body.id });
  bot = {
    id: String(body.id),
    rest: rest.as(String(key.body.token)),
    authtoken: String(authtoken.body.token),
  };
  stranger = rest.as(await keyOfAnotherAccount());
});
afterAll(() => edge[Symbol.asyncDispose]());

/** The key of a service user in an account of its own. */
async function keyOfAnotherAccount(): Promise<string> {
  const { accounts, serviceUsers, credentials } = edge.direct;
  const { account } = await accounts.createAccount({ displayName: "Other" });
  const accountId = account?.accountId ?? "";
  const { serviceUser } = await serviceUsers.createServiceUser({ accountId, name: "stranger" });
  const { token } = await credentials.createApiKey({ accountId, ownerId: serviceUser?.serviceUserId ?? "" });
  return token;
}

/** Status, code, and that the rest of the error is as all clients expect it. */
function codeOf({ status, body, headers }: Answer): string {
  expect(body).toMatchObject({
    status_code: status,
    msg: expect.any(String),
    details: { operation_id: headers.get("x-request-id") },
  });
  expect(headers.get("content-type")).toBe("application/json");
  return `${status} ${String(body.error_code)}`;
}
const ngrok = (status: number, code: number) => `${status} ERR_NGROK_${code}`;

describe("who calls", () => {
  const versionless = { "ngrok-version": undefined };
  test.each<[string, Record<string, string | undefined>, string]>([
    ["no version", versionless, ngrok(400, 218)],
    ["another version", { "ngrok-version": "1" }, ngrok(400, 217)],
    ["no credential", { authorization: undefined }, ngrok(403, 200)],
    ["no scheme", { authorization: "pcak_x" }, ngrok(403, 201)],
    ["Basic", { authorization: "Basic YTpi" }, ngrok(403, 201)],
    ["two words", { authorization: "Bearer secret1 secret2" }, ngrok(403, 201)],
    ["no token at all", { authorization: "Bearer nonsense" }, ngrok(403, 202)],
    ["an altered token", { authorization: `Bearer pcak_${"x".repeat(60)}` }, ngrok(403, 203)],
    ["the id of a key", { authorization: "Bearer ak_0ujtsYcgvSTl8PAuAdqWYSMnLOv" }, ngrok(403, 208)],
    ["a token of a service", { authorization: "Bearer a.b.c" }, ngrok(403, 202)],
  ])("%s is refused, and not told again", async (_, headers, expected) => {
    const answer = await rest.call("GET", "/api_keys", { headers });
    expect(codeOf(answer)).toBe(expected);
    expect(answer.headers.get("www-authenticate")).toBeNull();
    const token = headers.authorization?.split(" ").at(-1);
    if (token !== undefined) expect(answer.text).not.toContain(token);
  });

  test("an authtoken is no API key, and is not told again", async () => {
    const answer = await rest.as(bot.authtoken).get("/api_keys");
    expect(codeOf(answer)).toBe(ngrok(403, 206));
    expect(answer.text).not.toContain(bot.authtoken.slice(5));
  });

  test("even a genuine token of a service of the installation is refused", async () => {
    const token = await edge.installation.workloadToken("gateway", "credential");
    expect(codeOf(await rest.as(token).get("/api_keys"))).toBe(ngrok(403, 202));
  });
});

describe("what a service user may do", () => {
  test("developers' things, but not service users, nor other owners", async () => {
    expect((await bot.rest.post("/credentials", { description: "own" })).status).toBe(201);
    expect((await bot.rest.get("/service_users")).status).toBe(200);
    expect(codeOf(await bot.rest.post("/service_users", { name: "x" }))).toBe(ngrok(403, 4111));
    expect(codeOf(await bot.rest.patch(`/bot_users/${bot.id}`, { name: "x" }))).toBe(ngrok(403, 4111));
    expect(codeOf(await bot.rest.delete(`/bot_users/${bot.id}`))).toBe(ngrok(403, 4111));
    const owner = { owner_id: `usr_${bot.id.split("_")[1] ?? ""}` };
    expect(codeOf(await bot.rest.post("/api_keys", owner))).toBe(ngrok(403, 630));
  });

  test("what belongs to another account is not there, whatever is done with it", async () => {
    const { body } = await rest.post("/credentials", {});
    const key = await rest.post("/ssh_credentials", { public_key: newSshPublicKey() });
    for (const path of [`/credentials/${String(body.id)}`, `/service_users/${bot.id}`]) {
      expect(codeOf(await stranger.get(path))).toBe("404 ERR_PORTCULLIS_NOT_FOUND");
    }
    const path = `/credentials/${String(body.id)}`;
    expect(codeOf(await stranger.patch(path, { description: "x" }))).toBe("404 ERR_PORTCULLIS_NOT_FOUND");
    expect(codeOf(await stranger.delete(path))).toBe("404 ERR_PORTCULLIS_NOT_FOUND");
    for (const [list, name] of [
      ["/credentials", "credentials"],
      ["/api_keys", "keys"],
      ["/service_users", "service_users"],
    ] as const) {
      const { body: page } = await stranger.get(list);
      expect(JSON.stringify(page[name])).not.toContain(String(body.id));
      expect(page[name]).toHaveLength(list === "/credentials" ? 0 : 1);
    }
    const again = { public_key: key.body.public_key };
    expect(codeOf(await rest.post("/ssh_credentials", again))).toBe(ngrok(409, 609));
    expect(codeOf(await stranger.post("/ssh_credentials", again))).toBe(ngrok(409, 610));
  });
});

describe("owners", () => {
  const create = (body: object) => rest.post("/credentials", body);
  test("are the caller, or whom an administrator names: by either id or by email", async () => {
    const own = await create({});
    expect(own.body.owner_id).toMatch(/^usr_/);
    const asService = bot.id;
    const asBot = bot.id.replace("service_", "bot_");
    for (const owner of [asService, asBot]) {
      expect((await create({ owner_id: owner })).body.owner_id).toBe(asBot);
    }
    for (const owner of [{ owner_email: "Root@Example.com" }, { owner_id: "root@example.com" }]) {
      expect((await create(owner)).body.owner_id).toBe(own.body.owner_id);
    }
    expect((await create({ owner_id: null, owner_email: null })).body.owner_id).toBe(own.body.owner_id);
  });

  test.each<[object, string]>([
    [{ owner_id: "x@y", owner_email: "x@y" }, ngrok(400, 631)],
    [{ owner_email: "x@y", scim_user_id: "1" }, ngrok(400, 631)],
    [{ owner_email: "nobody@example.com" }, ngrok(404, 634)],
    [{ scim_user_id: "1" }, ngrok(404, 634)],
    [{ owner_id: "bot_0ujtsYcgvSTl8PAuAdqWYSMnLOv" }, ngrok(404, 634)],
    [{ owner_id: "ak_0ujtsYcgvSTl8PAuAdqWYSMnLOv" }, ngrok(400, 243)],
    [{ owner_id: "nonsense" }, ngrok(400, 243)],
  ])("are refused as %o", async (body, expected) => {
    expect(codeOf(await create(body))).toBe(expected);
  });
});

describe("ids", () => {
  test("both prefixes are good on both routes, and each route shows its own", async () => {
    const ksuid = bot.id.split("_")[1] ?? "";
    for (const prefix of ["bot", "service"]) {
      for (const route of ["bot", "service"]) {
        const { body } = await rest.get(`/${route}_users/${prefix}_${ksuid}`);
        expect(body.id).toBe(`${route}_${ksuid}`);
        expect(body.uri).toBe(`${publicOrigin}/${route}_users/${route}_${ksuid}`);
      }
    }
  });

  test.each([
    "/credentials/1000",
    "/credentials/cr_",
    "/credentials/ak_0ujtsYcgvSTl8PAuAdqWYSMnLOv",
    "/service_users/sa::build-bot",
    "/service_users/sa%3A%3Aa%2Fb",
    "/service_users/svc_01h455vb4pex5vsknk084sn02q",
    "/api_keys/%00",
    "/api_keys/%ff",
    "/api_keys/..%2fcredentials",
    `/api_keys/${"x".repeat(5_000)}`,
    "/ssh_credentials/%E2%82%AC",
  ])("%s is no id", async (path) => {
    expect(codeOf(await rest.get(path))).toBe(ngrok(404, 222));
  });

  test("a percent-encoded id is the same id", async () => {
    const encoded = Array.from(bot.id)
      .map((character) => `%${character.charCodeAt(0).toString(16)}`)
      .join("");
    expect((await rest.get(`/service_users/${encoded}`)).body.id).toBe(bot.id);
  });

  test("one kind of credential is not reached as another", async () => {
    const { body } = await rest.post("/credentials", {});
    const asKey = `/api_keys/ak_${String(body.id).slice(3)}`;
    expect(codeOf(await rest.get(asKey))).toBe("404 ERR_PORTCULLIS_NOT_FOUND");
    expect(codeOf(await rest.patch(asKey, { description: "x" }))).toBe("404 ERR_PORTCULLIS_NOT_FOUND");
    expect(codeOf(await rest.delete(asKey))).toBe("404 ERR_PORTCULLIS_NOT_FOUND");
    expect((await rest.get(`/credentials/${String(body.id)}`)).status).toBe(200);
  });

  test("a revoked credential is gone from here", async () => {
    const { body } = await rest.post("/credentials", { description: "to be revoked" });
    const clients = connectClients(edge.installation, edge.installation.apiKey);
    const { credentials } = await clients.credentials.listCredentials({});
    const found = credentials.find(({ description }) => description === "to be revoked");
    await clients.credentials.revokeCredential({ credentialId: found?.credentialId ?? "" });
    expect((await rest.get(`/credentials/${String(body.id)}`)).status).toBe(404);
    expect((await rest.get("/credentials")).text).not.toContain(String(body.id));
  });
});

describe("bodies", () => {
  const long = "€".repeat(86); // 258 bytes
  test.each<[string, unknown, string]>([
    ["/service_users", {}, ngrok(400, 4109)],
    ["/service_users", { name: "" }, ngrok(400, 4109)],
    ["/service_users", { name: null }, ngrok(400, 4109)],
    ["/service_users", { name: "x".repeat(129) }, ngrok(400, 4110)],
    ["/service_users", { name: "a\u0000b" }, ngrok(400, 215)],
    ["/service_users", { name: 7 }, ngrok(400, 215)],
    ["/service_users", { name: "x", active: "yes" }, ngrok(400, 215)],
    ["/service_users", { name: "x", color: "red" }, ngrok(400, 214)],
    ["/service_users", '{"name":"x","__proto__":{}}', ngrok(400, 214)],
    ["/service_users", '{"name":"\\ud800"}', ngrok(400, 215)],
    ["/service_users", [], ngrok(400, 215)],
    ["/service_users", "null", ngrok(400, 215)],
    ["/service_users", "", ngrok(400, 213)],
    ["/service_users", "{", ngrok(400, 213)],
    ["/service_users", "[".repeat(50_000), ngrok(400, 213)],
    ["/credentials", { description: long }, ngrok(400, 604)],
    ["/credentials", { metadata: "é".repeat(2_049) }, ngrok(400, 605)],
    ["/credentials", { metadata: { a: 1 } }, ngrok(400, 215)],
    ["/credentials", { description: "\u0000" }, ngrok(400, 215)],
    ["/credentials", { acl: ["allow:x"] }, ngrok(400, 600)],
    ["/credentials", { acl: "bind:x" }, ngrok(400, 215)],
    ["/credentials", { precomputed_token: "x" }, ngrok(400, 214)],
    ["/api_keys", { acl: [] }, ngrok(400, 214)],
    ["/api_keys", { description: long }, ngrok(400, 604)],
    ["/ssh_credentials", {}, ngrok(400, 611)],
    ["/ssh_credentials", { public_key: "ssh-rsa nonsense" }, ngrok(400, 612)],
    ["/ssh_credentials", { public_key: "-----BEGIN OPENSSH PRIVATE KEY-----" }, ngrok(400, 612)],
  ])("POST %s with %j is refused", async (path, body, expected) => {
    expect(codeOf(await rest.post(path, body))).toBe(expected);
  });

  test("a name is taken once, without regard to case", async () => {
    const name = `Taken ${randomUUID()}`;
    await rest.post("/service_users", { name });
    expect(codeOf(await rest.post("/bot_users", { name: name.toUpperCase() }))).toBe(ngrok(409, 4112));
  });

  test("a change changes what it names, refuses to change nothing, and may repeat the id", async () => {
    const { body } = await rest.post("/credentials", { description: "d", metadata: "m" });
    const path = `/credentials/${String(body.id)}`;
    expect((await rest.patch(path, { id: body.id, metadata: null, description: "e" })).body).toMatchObject({
      description: "e",
      metadata: "m",
    });
    for (const nothing of [{}, { id: body.id }, { description: null }]) {
      expect(codeOf(await rest.patch(path, nothing))).toBe(ngrok(400, 606));
    }
    expect(codeOf(await rest.patch(path, { id: "cr_x", description: "e" }))).toBe(ngrok(400, 215));
    expect(codeOf(await rest.patch(path, { owner_id: bot.id }))).toBe(ngrok(400, 214));
    expect(codeOf(await rest.patch(path, { description: long }))).toBe(ngrok(400, 604));
  });
});

describe("lists", () => {
  const page = (query: string) => rest.get(`/service_users?${query}`);
  test.each([
    ["limit=0", 233],
    ["limit=101", 233],
    ["limit=-1", 233],
    ["limit=ten", 244],
    ["limit=", 244],
    ["limit=1.5", 244],
    ["limit=1&limit=2", 232],
    ["before_id=a&beforeId=b", 232],
    ["before_id=nonsense", 243],
    ["before_id=bot_0ujtsYcgvSTl8PAuAdqWYSMnLOv", 243],
    ["page=2", 231],
    ["filter=%ff", 230],
    ["%zz=1", 230],
    ["filter=nonsense", 250],
    ["filter=obj.name%20==%20%22x%22", 250],
  ])("%s is refused", async (query, code) => {
    expect(codeOf(await page(query))).toBe(ngrok(400, code));
  });

  test("other routes take no parameters, and the deprecated one no filter", async () => {
    expect(codeOf(await rest.get(`/service_users/${bot.id}?x=1`))).toBe(ngrok(400, 231));
    expect(codeOf(await rest.call("POST", "/api_keys?limit=1", { body: {} }))).toBe(ngrok(400, 231));
    expect(codeOf(await rest.get("/bot_users?filter=true"))).toBe(ngrok(400, 231));
  });

  test("the next page's address is taken as it is, and is there exactly if there is more", async () => {
    for (let count = 0; count < 5; count++) await rest.post("/service_users", { name: `p${randomUUID()}` });
    const all = (await page("limit=100")).body;
    expect(all).toMatchObject({ uri: `${publicOrigin}/service_users`, next_page_uri: null });
    const total = Array.isArray(all.service_users) ? all.service_users.length : 0;
    const seen: unknown[] = [];
    let uri: unknown = `${publicOrigin}/service_users?limit=${Math.ceil(total / 2)}`;
    let pages = 0;
    while (typeof uri === "string") {
      expect(uri.startsWith(`${publicOrigin}/service_users?`)).toBe(true);
      const { body }: Answer = await rest.get(uri.slice(publicOrigin.length));
      seen.push(...(body.service_users as unknown[]));
      uri = body.next_page_uri;
      pages++;
    }
    expect([pages, seen]).toEqual([2, all.service_users]);
  });

  test("a filter finds what matches, page by page, however far apart it lies", async () => {
    const mark = randomUUID();
    const wanted: unknown[] = [];
    for (let index = 0; index < 12; index++) {
      const { body } = await rest.post("/credentials", {
        description: index % 4 === 0 ? mark : "other",
        acl: index % 2 === 0 ? ["bind:*"] : [],
      });
      if (index % 4 === 0) wanted.unshift(body.id);
    }
    const filter = `obj.description == "${mark}" && "bind:*" in obj.acl`;
    const found: unknown[] = [];
    let path: string | undefined = `/credentials?${new URLSearchParams({ filter, limit: "2" }).toString()}`;
    let pages = 0;
    while (path !== undefined) {
      const { body }: Answer = await rest.get(path);
      found.push(...(body.credentials as { id: string }[]).map(({ id }) => id));
      path =
        typeof body.next_page_uri === "string" ? body.next_page_uri.slice(publicOrigin.length) : undefined;
      pages++;
    }
    expect([found, pages]).toEqual([wanted, 2]);
    const recent = new URLSearchParams({
      filter: `obj.owner_id == "${bot.id}" && obj.created_at > timestamp(time.now).subtract("1h")`,
    });
    const { body } = await rest.get(`/api_keys?${recent.toString()}`);
    expect(body.keys).toMatchObject([{ owner_id: bot.id.replace("service_", "bot_") }]);
  });
});

test("deactivated from the beginning: a service user whose credentials don't work yet", async () => {
  const { body } = await rest.post("/service_users", { name: `later-${randomUUID()}`, active: false });
  expect(body.active).toBe(false);
  const key = await rest.post("/api_keys", { owner_id: body.id });
  const own = rest.as(String(key.body.token));
  expect(codeOf(await own.get("/api_keys"))).toBe(ngrok(403, 636));
  await rest.patch(`/service_users/${String(body.id)}`, { active: true });
  expect((await own.get("/api_keys")).status).toBe(200);
});

test("an operator's lock can't be undone from here", async () => {
  const name = `locked-${randomUUID()}`;
  const { body } = await rest.post("/service_users", { name });
  await edge.direct.serviceUsers.lockServiceUser({ serviceUserId: `sa::${name}` });
  const path = `/service_users/${String(body.id)}`;
  expect((await rest.get(path)).body.active).toBe(false);
  const refused = codeOf(await rest.patch(path, { active: true }));
  expect(refused).toBe("409 ERR_PORTCULLIS_SERVICE_USER_LOCKED");
});

describe("limits", () => {
  /** The statuses of so many requests, which go to the gateways in turn. */
  async function statusesOf(environments: readonly Readonly<Record<string, string>>[], requests: number) {
    const key = String((await rest.post("/api_keys", { owner_id: bot.id })).body.token);
    const gateways = await Promise.all(environments.map((environment) => edge.startGateway(environment)));
    const clients = gateways.map(({ url }) => new RestClient(url, key));
    const statuses: unknown[] = [];
    for (let request = 0; request < requests; request++) {
      statuses.push((await clients[request % clients.length]?.get("/api_keys?limit=1"))?.status);
    }
    await Promise.all(gateways.map((gateway) => gateway.stop()));
    return statuses;
  }
  const strict = { ACCOUNT_REQUESTS_MAX: "4", REQUESTS_WINDOW_MS: "3600000" };

  test("are counted by all replicas together", async ({ skip }) => {
    skip(edge.installation.redis === undefined, "no Redis is installed");
    expect(await statusesOf([strict, strict], 6)).toEqual([200, 200, 200, 200, 429, 429]);
  });

  test("hold for each replica while Redis is away, and nothing else is missing", async () => {
    const alone = { ...strict, REDIS_URL: "redis://127.0.0.1:1" };
    expect(await statusesOf([alone], 6)).toEqual([200, 200, 200, 200, 429, 429]);
  });
});

test("every documented operation was exercised, and every answer has the documented fields", async () => {
  // Whatever the tests above have not touched on each route.
  for (const [path, body, change] of [
    ["/bot_users", { name: `doc-${randomUUID()}` }, { active: false }],
    ["/service_users", { name: `doc-${randomUUID()}` }, { active: false }],
    ["/credentials", {}, { metadata: "x" }],
    ["/api_keys", {}, { metadata: "x" }],
    ["/ssh_credentials", { public_key: newSshPublicKey() }, { metadata: "x" }],
  ] as const) {
    const created = await rest.post(path, body);
    const one = `${path}/${String(created.body.id)}`;
    const answers = [created, await rest.get(one), await rest.patch(one, change), await rest.get(path)];
    for (const [index, answer] of answers.entries()) {
      const operation = await documented(
        ["post", "get", "patch", "get"][index] ?? "",
        index === 1 || index === 2 ? `${path}/{id}` : path,
      );
      expect(Object.keys(answer.body).toSorted()).toEqual(operation.fields);
      expect(operation.statuses).toContain(String(answer.status));
    }
    await rest.delete(one);
  }
  const document = await rest.call("GET", "/openapi/ngrok.json", { headers: { authorization: undefined } });
  const paths = document.body.paths as Record<string, Record<string, unknown>>;
  const all = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(all).toHaveLength(25);
  rest.exercised.delete("GET /openapi/{id}");
  expect([...rest.exercised].toSorted()).toEqual(all.toSorted());
});

/** The statuses of a documented operation, and the names of its answer's fields. */
async function documented(method: string, path: string) {
  const { body } = await rest.get("/openapi/ngrok.json");
  const { responses } = (body.paths as Documented)[path]?.[method] ?? expect.fail(`${method} ${path}`);
  const [statuses, success] = [Object.keys(responses), Object.values(responses)[0]];
  return {
    statuses,
    fields: Object.keys(success?.content?.["application/json"].schema.properties ?? {}).toSorted(),
  };
}
type Documented = Record<
  string,
  Record<
    string,
    {
      responses: Record<
        string,
        { content?: { "application/json": { schema: { properties: Record<string, unknown> } } } }
      >;
    }
  >
>;
