// The published client of npm, unchanged but for the address: every call it has for these resources.
import { randomUUID } from "node:crypto";
import { Ngrok } from "@ngrok/ngrok-api";
import { VerificationResult as Result } from "@portcullis/contracts/portcullis/credential/v1/verification_pb.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newSshPublicKey } from "../../e2e/support/ssh-key.ts";
import { type Edge, publicOrigin, startEdge } from "../support/edge.ts";

let edge: Edge;
let ngrok: Ngrok;
beforeAll(async () => {
  edge = await startEdge();
  ngrok = new Ngrok({ apiToken: edge.installation.apiKey, baseUrl: edge.gateway.url });
});
afterAll(() => edge[Symbol.asyncDispose]());

const unique = (name: string) => `${name}-${randomUUID()}`;
/** An error as the client throws it. */
const errorOf = (call: Promise<unknown>) =>
  call.then(
    () => expect.fail("it did not fail"),
    (error: unknown) => error,
  );
/** It wants JSON after a 204, which has none, and throws though all went well (docs/rest.md). */
const done = (call: Promise<void>) => expect(call).rejects.toThrow(/JSON/);

test("a bot user is created, read, renamed, deactivated, activated, listed and deleted", async () => {
  const name = unique("bot");
  const created = await ngrok.botUsers.create({ name, active: true });
  expect(created).toEqual({
    id: expect.stringMatching(/^bot_[0-9A-Za-z]{27}$/),
    uri: `${publicOrigin}/bot_users/${created.id}`,
    name,
    active: true,
    createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
  });
  expect(await ngrok.botUsers.get(created.id)).toEqual(created);
  const renamed = await ngrok.botUsers.update({ id: created.id, name: `${name} 2` });
  expect(renamed).toEqual({ ...created, name: `${name} 2` });
  expect(await ngrok.botUsers.update({ id: created.id, active: false })).toEqual({
    ...renamed,
    active: false,
  });
  expect(await ngrok.botUsers.update({ id: created.id, active: true })).toEqual(renamed);
  expect(await ngrok.botUsers.list()).toContainEqual(renamed);
  await done(ngrok.botUsers.delete(created.id));
  expect(await errorOf(ngrok.botUsers.get(created.id))).toMatchObject({ statusCode: 404 });
});

test("an authtoken is created with its secret, read without, changed, listed and deleted", async () => {
  const bot = await ngrok.botUsers.create({ name: unique("bot"), active: true });
  const { token, ...created } = await ngrok.credentials.create({
    description: "agent",
    metadata: '{"a":1}',
    acl: ["bind:*.example.com", "bind:foo=bar"],
    ownerId: bot.id,
  });
  expect(token).toMatch(/^pcat_/);
  expect(created).toMatchObject({
    id: expect.stringMatching(/^cr_[0-9A-Za-z]{27}$/),
    uri: `${publicOrigin}/credentials/${created.id}`,
    description: "agent",
    metadata: '{"a":1}',
    acl: ["bind:*.example.com", "bind:foo=bar"],
    ownerId: bot.id,
  });
  expect(await ngrok.credentials.get(created.id)).toEqual({ ...created, token: null });
  const changed = await ngrok.credentials.update({ id: created.id, description: "other", acl: [] });
  expect(changed).toEqual({ ...created, description: "other", acl: [], token: null });
  expect(await ngrok.credentials.list()).toContainEqual(changed);
  await done(ngrok.credentials.delete(created.id));
  const { verification } = (await edge.direct.verify[0]?.verifyToken({ token: token ?? "" })) ?? {};
  expect(verification?.result).toBe(Result.UNKNOWN);
});

test("an API key is created, opens this API, is changed, listed and deleted", async () => {
  const { token = "", ...created } = await ngrok.apiKeys.create({ description: "ci", metadata: "" });
  expect(created.id).toMatch(/^ak_[0-9A-Za-z]{27}$/);
  const own = new Ngrok({ apiToken: token, baseUrl: edge.gateway.url });
  expect(await own.apiKeys.get(created.id)).toEqual({ ...created, token: null });
  const changed = await own.apiKeys.update({ id: created.id, metadata: "m" });
  expect(changed).toEqual({ ...created, metadata: "m", token: null });
  expect(await own.apiKeys.list()).toContainEqual(changed);
  await done(own.apiKeys.delete(created.id));
  expect(await errorOf(own.apiKeys.list())).toMatchObject({ errorCode: "ERR_NGROK_203", statusCode: 403 });
});

test("an SSH key is registered, read, changed, listed and deleted", async () => {
  const publicKey = newSshPublicKey();
  const created = await ngrok.sshCredentials.create({ description: "", metadata: "", acl: [], publicKey });
  expect(created).toMatchObject({
    id: expect.stringMatching(/^sshcr_[0-9A-Za-z]{27}$/),
    publicKey,
    description: "",
    acl: [],
  });
  expect(await ngrok.sshCredentials.get(created.id)).toEqual(created);
  const changed = await ngrok.sshCredentials.update({ id: created.id, acl: ["bind:*"] });
  expect(changed).toEqual({ ...created, acl: ["bind:*"] });
  expect(await ngrok.sshCredentials.list()).toContainEqual(changed);
  await done(ngrok.sshCredentials.delete(created.id));
  expect(await errorOf(ngrok.sshCredentials.get(created.id))).toMatchObject({ statusCode: 404 });
});

describe("a list longer than a page", () => {
  const names = Array.from({ length: 7 }, (_, index) => `page-${index}-${randomUUID()}`);
  beforeAll(async () => {
    for (const name of names) await ngrok.botUsers.create({ name, active: true });
  });

  test.each(["1", "2", "3", "7", "100"])(
    "comes whole in pages of %s, newest first, each once",
    async (limit) => {
      const all = await ngrok.botUsers.list(undefined, limit);
      const ids = all.map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      expect(all.slice(0, names.length).map(({ name }) => name)).toEqual(names.toReversed());
    },
  );

  test("begins after an id", async () => {
    const all = await ngrok.botUsers.list();
    expect(await ngrok.botUsers.list(all[2]?.id, "2")).toEqual(all.slice(3));
  });
});

test("its errors are understood: code, status, message, and the operation's id", async () => {
  expect(await errorOf(ngrok.apiKeys.get("1000"))).toMatchObject({
    errorCode: "ERR_NGROK_222",
    statusCode: 404,
    msg: expect.stringContaining("not a valid identifier"),
    details: new Map([["operationId", expect.stringMatching(/^op_[0-9A-Za-z]{27}$/)]]),
  });
  // What this installation does not have at all.
  expect(await errorOf(ngrok.ipPolicies.list())).toMatchObject({ statusCode: 404, msg: "Not Found" });
});

test("an authtoken of a bot user is refused over gRPC from the moment REST has deactivated it, and the reverse", async () => {
  const bot = await ngrok.botUsers.create({ name: unique("gate"), active: true });
  const { token = "" } = await ngrok.credentials.create({ acl: [], ownerId: bot.id });
  const results = async () => {
    const answers = await Promise.all(edge.direct.verify.map((replica) => replica.verifyToken({ token })));
    return answers.map(({ verification }) => verification?.result);
  };
  expect(await results()).toEqual([Result.VALID, Result.VALID]);
  await ngrok.botUsers.update({ id: bot.id, active: false });
  expect(await results()).toEqual([Result.OWNER_INACTIVE, Result.OWNER_INACTIVE]);
  await ngrok.botUsers.update({ id: bot.id, active: true });
  expect(await results()).toEqual([Result.VALID, Result.VALID]);

  const { serviceUsers, credentials } = edge.direct;
  const serviceUserId = `sa::${bot.name.toLowerCase()}`;
  const { serviceUser } = await serviceUsers.getServiceUser({ serviceUserId });
  const { token: key } = await credentials.createApiKey({ ownerId: serviceUser?.serviceUserId ?? "" });
  const own = new Ngrok({ apiToken: key, baseUrl: edge.gateway.url });
  expect(await own.botUsers.get(bot.id)).toMatchObject({ active: true });
  await serviceUsers.deactivateServiceUser({ serviceUserId });
  expect(await errorOf(own.botUsers.get(bot.id))).toMatchObject({
    errorCode: "ERR_NGROK_636",
    statusCode: 403,
  });
  expect(await ngrok.botUsers.get(bot.id)).toMatchObject({ active: false });
  await serviceUsers.activateServiceUser({ serviceUserId });
  expect(await own.botUsers.get(bot.id)).toMatchObject({ active: true });
});
