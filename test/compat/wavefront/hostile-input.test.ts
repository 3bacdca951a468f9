// What clients of Wavefront send that is odd but meant well, and what is broken or sly: always an answer in the
// product's own envelope, and never a hang.
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ServiceProcess } from "../../e2e/support/service-process.ts";
import type { Edge } from "../support/edge.ts";
import { exchangeRaw, parseAnswer } from "../support/raw-http.ts";
import { startScopedEdge } from "../support/scoped-edge.ts";
import { type WavefrontAnswer, WavefrontClient } from "../support/wavefront-client.ts";

let edge: Edge;
let gateway: ServiceProcess;
let rest: WavefrontClient;
beforeAll(async () => {
  ({ edge } = await startScopedEdge());
  gateway = await edge.startGateway({ BODY_TIMEOUT_MS: "500", BODY_BYTES_MAX: "20000" });
  rest = await WavefrontClient.create(gateway.url, edge.installation.apiKey);
});
afterAll(async () => {
  await gateway.stop();
  await edge[Symbol.asyncDispose]();
});

/** An error as all clients expect it, with the operation's id. */
function expectError(answer: WavefrontAnswer, status: number): void {
  expect(answer.status, answer.text).toBe(status);
  expect(answer.body).toEqual({
    status: { result: "ERROR", message: expect.any(String), code: status },
    debugInfo: [`operation ${answer.headers.get("x-request-id") ?? ""}`],
  });
}

describe("who calls", () => {
  test("by either header", async () => {
    const token = edge.installation.apiKey;
    const named = { authorization: undefined, "x-auth-token": token };
    expect((await rest.call("GET", "/role", { headers: named })).status).toBe(200);
    expect((await rest.call("GET", "/role", { headers: { "x-auth-token": "nonsense" } })).status).toBe(200);
  });

  test.each<[string, Record<string, string | undefined>]>([
    ["nobody", {}],
    ["no scheme", { authorization: "pcak_x" }],
    ["another scheme", { authorization: "Basic YTpi" }],
    ["an altered token", { authorization: `Bearer pcak_${"x".repeat(60)}` }],
    ["an altered token by name", { "x-auth-token": `pcak_${"x".repeat(60)}` }],
    ["the id of a token", { "x-auth-token": randomUUID() }],
    ["a token of a service", { authorization: "Bearer a.b.c" }],
  ])("%s is refused with 401, and not told again", async (_, headers) => {
    const answer = await rest.call("GET", "/account", { headers: { authorization: undefined, ...headers } });
    expectError(answer, 401);
    for (const value of Object.values(headers)) {
      expect(answer.text).not.toContain(value?.split(" ").at(-1));
    }
  });
});

describe("routes", () => {
  test.each([
    ["GET", "/api/v2"],
    ["GET", "/api/v2/"],
    ["GET", "/api/v2/nope"],
    ["GET", "/api/v2/role/"],
    ["GET", "/api/v2//role"],
    ["GET", "/api/v2/ROLE"],
    ["PATCH", "/api/v2/role"],
    ["DELETE", "/api/v2/role"],
    ["GET", "/api/v2/account/serviceaccount/sa::a/b"],
    ["GET", "/api/logout/root@example.com"],
    ["POST", "/api/logout/a/b"],
  ])("%s %s is not found, whatever is accepted", async (method, path) => {
    const answer = await rest.call(method, path, { headers: { accept: "text/html" } });
    expectError(answer, 404);
  });

  test.each(["%", "%zz", "%ff", "%00", "..%2f..", "sa::%0d%0ax: y", "'", "a@b%00", "x".repeat(5_000)])(
    "an id that is none, %s, is not found",
    async (id) => {
      for (const path of ["account", "account/user", "account/serviceaccount", "role", "usergroup", "user"]) {
        expectError(await rest.get(`/${path}/${id}`), 404);
      }
      expectError(await rest.delete(`/apitoken/${id}`), 404);
      expectError(await rest.post(`/api/logout/${id}`), 404);
    },
  );

  test("what another product's client asks for is answered in its own way", async () => {
    const answer = await fetch(`${gateway.url}/api_keys`);
    expect(await answer.json()).toMatchObject({ error_code: "ERR_NGROK_218" });
  });
});

describe("queries", () => {
  test.each([
    "offset=-1",
    "offset=x",
    "limit=0",
    "limit=1.5",
    "limit=1e3",
    "offset=9999999999",
    "offset=%zz",
  ])("%s is refused", async (query) => {
    expectError(await rest.get(`/account?${query}`), 400);
  });

  test("what is unknown, empty or repeated is no error", async () => {
    const { response } = await rest.get("/account?limit=5&limit=7&offset=&nope=1");
    expect(response).toMatchObject({ offset: 0, limit: 7 });
    expect((await rest.get("/role?limit=5000")).response).toMatchObject({ limit: 1000 });
    expect((await rest.get("/account?offset=1000000000")).response).toMatchObject({
      items: [],
      moreItems: false,
    });
  });
});

describe("bodies", () => {
  const create = (body: unknown, type = "application/json") =>
    rest.call("POST", "/usergroup", { body, headers: { "content-type": type } });

  test.each([
    "application/json",
    "text/plain",
    "application/octet-stream",
    "application/json; charset=latin1",
  ])("as %s", async (type) => {
    expect((await create({ name: randomUUID(), unknown: { deep: [null] } }, type)).status).toBe(200);
  });

  test.each(["{}", "null", "", "[]", '"x"'])("where none is needed, %s is no error", async (body) => {
    for (const path of ["/apitoken/customertokens", "/role"]) {
      expect((await rest.call("GET", path)).status).toBe(200);
    }
    expect((await rest.call("POST", "/api/logout/root@example.com", { body })).status).toBe(200);
  });

  test("where one is optional, nothing, `null` and `{}` are the same", async () => {
    for (const body of ["{}", "null", "", undefined]) {
      expect((await rest.call("POST", "/search/account", { body })).status).toBe(200);
      expect((await rest.call("POST", "/account/validateAccounts", { body })).response).toEqual({
        validUsers: [],
        invalidIdentifiers: [],
      });
    }
  });

  test.each([
    "{",
    "nonsense",
    "[".repeat(10_000),
    '{"name": 5}',
    '{"name": ["x"]}',
    '{"name": "x", "roleIDs": "x"}',
    '{"name": "x", "roleIDs": [5]}',
    '{"name": "x", "roleIDs": ["nonsense"]}',
    '{"name": "\\u0000"}',
    '{"name": "\\ud800"}',
    '{"name": " x"}',
    '{"name": "Everyone", "description": 1}',
    '{"__proto__": {"name": "x"}}',
    "[]",
    "5",
  ])("%s is refused with 400", async (body) => {
    expectError(await create(body), 400);
  });

  test("bytes that are no UTF-8, a body that is too long, and one that is too slow", async () => {
    const head = (length: number) =>
      [
        "POST /api/v2/role HTTP/1.1",
        "host: x",
        `authorization: Bearer ${edge.installation.apiKey}`,
        "content-type: application/json",
        `content-length: ${length}`,
        "connection: close",
        "",
        "",
      ].join("\r\n");
    const ask = async (...parts: (string | Buffer)[]) => parseAnswer(await exchangeRaw(gateway.port, parts));
    const isError = (status: number) => ({ status, body: { status: { result: "ERROR", code: status } } });
    expect(await ask(head(3), Buffer.from([0x22, 0xff, 0x22]))).toMatchObject(isError(400));
    expect(await ask(head(30_000), "x")).toMatchObject(isError(413));
    expect(await ask(head(10), "{")).toMatchObject(isError(408));
  });

  test("an id or an object that has one, as clients write back what they have read", async () => {
    const { response } = await rest.post("/role", { name: randomUUID() });
    const group = await rest.post("/usergroup", { name: randomUUID(), roleIDs: [response] });
    expect(group.response).toMatchObject({ roles: [{ id: (response as { id: string }).id }] });
  });
});

test("too many requests are refused with 429 in the envelope, never 406", async () => {
  const strict = await edge.startGateway({ ACCOUNT_REQUESTS_MAX: "2", REDIS_URL: "redis://127.0.0.1:1" });
  const client = await WavefrontClient.create(strict.url, edge.installation.apiKey);
  const answers: WavefrontAnswer[] = [];
  for (let request = 0; request < 3; request++) answers.push(await client.get("/role"));
  await strict.stop();
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 429]);
  const [, , refused] = answers;
  if (refused === undefined) return expect.fail("no answer");
  expectError(refused, 429);
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
});

test("while a service is away the answer is 503, in the envelope", async () => {
  const away = await edge.startGateway({ AUTHORIZATION_URL: "http://127.0.0.1:1" });
  const client = await WavefrontClient.create(away.url, edge.installation.apiKey);
  const answer = await client.get("/role");
  await away.stop();
  expectError(answer, 503);
});
