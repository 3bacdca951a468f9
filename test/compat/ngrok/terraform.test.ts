// What Terraform does with a resource: create, read back, change, read back, delete. Each read must give what was
// asked for, or there would be something to change for ever.
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newSshPublicKey } from "../../e2e/support/ssh-key.ts";
import { type Edge, startEdge } from "../support/edge.ts";
import { RestClient } from "../support/rest-client.ts";

let edge: Edge;
let rest: RestClient;
let botId: string;
beforeAll(async () => {
  edge = await startEdge();
  rest = new RestClient(edge.gateway.url, edge.installation.apiKey);
  botId = String((await rest.post("/bot_users", { name: `owner-${randomUUID()}` })).body.id);
});
afterAll(() => edge[Symbol.asyncDispose]());

type Config = Readonly<Record<string, unknown>>;

const cases: readonly (readonly [string, () => Config, Config])[] = [
  ["/service_users", () => ({ name: `tf ${randomUUID()}` }), { active: false }],
  ["/bot_users", () => ({ name: `tf ${randomUUID()}`, active: false }), { active: true }],
  ["/credentials", () => ({}), { description: "changed" }],
  [
    "/credentials",
    () => ({
      description: "é".repeat(127),
      metadata: "m".repeat(4_096),
      acl: ["bind:*.example.com", "bind:1.tcp.example.com:20002", "bind:*=x", "*"],
      owner_id: botId,
    }),
    { acl: [], metadata: "" },
  ],
  ["/api_keys", () => ({ description: "ci", metadata: "{}", owner_id: botId }), { description: "" }],
  [
    "/ssh_credentials",
    () => ({ public_key: `${newSshPublicKey()} somebody@example.com`, acl: ["bind:*"] }),
    { description: "laptop", acl: ["bind:a.example.com"] },
  ],
];

test.each(cases)("%s settles", async (path, config, change) => {
  const asked = config();
  const created = await rest.post(path, asked);
  expect(created).toMatchObject({ status: 201, body: asked });
  const one = `${path}/${String(created.body.id)}`;
  const shown = (body: Config) => ({ ...body, ...("token" in body ? { token: null } : {}) });
  const read = await rest.get(one);
  expect(read.body).toEqual(shown(created.body));
  const changed = await rest.patch(one, change);
  expect(changed).toMatchObject({ status: 200, body: { ...asked, ...change } });
  expect((await rest.get(one)).body).toEqual({ ...read.body, ...change });
  // Once more the same: nothing is left to do.
  expect((await rest.patch(one, change)).body).toEqual({ ...read.body, ...change });
  const deleted = await rest.delete(one);
  expect([deleted.status, deleted.text, deleted.headers.get("content-type")]).toEqual([204, "", null]);
  expect((await rest.get(one)).status).toBe(404);
  expect((await rest.delete(one)).status).toBe(404);
});

test("what nothing was said about is empty, also where the key has a comment", async () => {
  const publicKey = `${newSshPublicKey()} somebody@example.com`;
  const { body } = await rest.post("/ssh_credentials", { public_key: publicKey });
  expect(body).toMatchObject({ description: "", metadata: "", acl: [], public_key: publicKey });
});

test("a change sees what the one before it has done, wherever it is read", async () => {
  const { body } = await rest.post("/service_users", { name: `seen ${randomUUID()}` });
  for (let round = 0; round < 5; round++) {
    await rest.patch(`/service_users/${String(body.id)}`, { name: `seen ${round}`, active: round % 2 === 0 });
    const { body: list } = await rest.get("/service_users?limit=1");
    expect(list.service_users).toMatchObject([{ name: `seen ${round}`, active: round % 2 === 0 }]);
  }
});
