import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer as createHttpServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { Client, credentials, Metadata, ServerCredentials, type ServiceError, status } from "@grpc/grpc-js";
import { Health } from "@portcullis/contracts/grpc/health/v1/health_pb.ts";
import { type Checker, reasonOf, type Verifier } from "@portcullis/sdk";
import { FakePortcullis } from "@portcullis/sdk/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as check from "./check.ts";
import { comeAndGo } from "./clients.ts";
import * as connect from "./connect.ts";
import * as express from "./express.ts";
import * as grpc from "./grpc-js.ts";
import * as hono from "./hono.ts";
import { serveTunnel } from "./keep.ts";
import * as verify from "./verify.ts";

let fake: FakePortcullis;
let verifier: Verifier;
let checker: Checker;
/** Neither is there to be asked. */
let lonely: { readonly verifier: Verifier; readonly checker: Checker };
beforeAll(async () => {
  fake = await FakePortcullis.start();
  fake.add("pcak_reader", { accountId: "acct_1", ownerId: "svc_reader", permissions: ["reports.read"] });
  fake.add("pcak_guest", { accountId: "acct_1", ownerId: "svc_guest" });
  fake.add("pcat_agent", { accountId: "acct_1", ownerId: "svc_agent", kind: "authtoken" });
  fake.add("pcak_gone", { accountId: "acct_1", ownerId: "svc_gone" });
  await fake.revoke("pcak_gone");
  verifier = verify.connect(fake.address, "pcak_own");
  checker = check.connect(fake.address, "pcak_own", verifier);
  const nobody = verify.connect("127.0.0.1:1", "pcak_own");
  lonely = { verifier: nobody, checker: check.connect("127.0.0.1:1", "pcak_own", nobody) };
});
afterAll(() => {
  for (const one of [verifier, checker, lonely.verifier, lonely.checker]) one.close();
  fake.stop();
});

/** What each caller gets of the web adapters: at `/me`, and at what needs a permission. */
const cases = [
  ["nobody", undefined, 401, 401],
  ["somebody without «Bearer»", "pcak_reader", 401, 401],
  ["an unknown key", "Bearer pcak_unknown", 401, 401],
  ["a revoked key", "Bearer pcak_gone", 401, 401],
  ["an authtoken", "Bearer pcat_agent", 401, 401],
  ["a key without the permission", "Bearer pcak_guest", 200, 403],
  ["a key with the permission", "bearer pcak_reader", 200, 200],
] as const;

test.each(cases)("hono: %s", async (_, authorization, atMe, atReports) => {
  const app = hono.createApp(verifier, checker);
  const headers = authorization === undefined ? {} : { authorization };
  const me = await app.request("/me", { headers });
  expect([me.status, (await app.request("/reports/today", { headers })).status]).toEqual([atMe, atReports]);
  if (atMe === 200) expect(await me.text()).toMatch(/^svc_/);
  else expect(me.headers.get("www-authenticate")).toBe("Bearer");
});

test.each(cases)("express: %s", async (_, authorization, atMe, atReports) => {
  await using server = await listen(express.createApp(verifier, checker));
  const headers = authorization === undefined ? {} : { authorization };
  const me = await fetch(`${server.url}/me`, { headers });
  const reports = await fetch(`${server.url}/reports/today`, { headers });
  expect([me.status, reports.status]).toEqual([atMe, atReports]);
  if (atMe === 200) expect(await me.text()).toMatch(/^svc_/);
  else expect(await me.json()).toMatchObject({ error: { reason: expect.stringMatching(/^CREDENTIALS_/) } });
});

test.each(cases)("connect: %s", async (_, authorization, _atMe, atReports) => {
  const seen: string[] = [];
  const handler = connect.createHandler(verifier, checker, (ownerId) => seen.push(ownerId));
  await using server = await listen(handler);
  const transport = createConnectTransport({ baseUrl: server.url, httpVersion: "1.1" });
  const headers = authorization === undefined ? {} : { authorization };
  const code = await createClient(Health, transport)
    .check({}, { headers })
    .then(
      () => "ok",
      (error: unknown) => (error instanceof ConnectError ? error.code : error),
    );
  expect(code).toBe({ 200: "ok", 401: Code.Unauthenticated, 403: Code.PermissionDenied }[atReports]);
  expect(seen).toEqual(atReports === 200 ? ["svc_reader"] : []);
});

test.each(cases)("grpc-js: %s", async (_, authorization, _atMe, atReports) => {
  const answer = await callGrpc(verifier, checker, authorization);
  const codes = { 200: "svc_reader", 401: status.UNAUTHENTICATED, 403: status.PERMISSION_DENIED } as const;
  expect(answer).toBe(codes[atReports]);
});

test("where nobody can be asked, nobody passes", async () => {
  const { verifier: nobody, checker: noChecker } = lonely;
  const headers = { authorization: "Bearer pcak_reader" };
  const fromHono = await hono.createApp(nobody, noChecker).request("/me", { headers });
  expect([fromHono.status, fromHono.headers.get("retry-after")]).toEqual([503, "1"]);
  await using web = await listen(express.createApp(verifier, noChecker));
  expect((await fetch(`${web.url}/reports/today`, { headers })).status).toBe(503);
  await using server = await listen(connect.createHandler(nobody, noChecker, () => expect.fail()));
  const transport = createConnectTransport({ baseUrl: server.url, httpVersion: "1.1" });
  const called = createClient(Health, transport).check({}, { headers });
  expect(await called.catch((error: unknown) => reasonOf(error))).toBe("DEPENDENCY_UNAVAILABLE");
  expect(await callGrpc(nobody, noChecker, headers.authorization)).toBe(status.UNAVAILABLE);
});

test("verify: what an authtoken may be used for", async () => {
  const ask = (token: string) => verify.mayBind(verifier, token, "a.example.com", "192.0.2.1");
  expect(await ask("pcat_agent")).toMatchObject({ ownerId: "svc_agent" });
  expect(await ask("pcak_reader")).toBeUndefined();
});

test("keep: a tunnel is closed when its token is revoked", async () => {
  fake.add("pcat_tunnel", { accountId: "acct_1", ownerId: "svc_agent", kind: "authtoken" });
  const closed: string[] = [];
  const tunnel = { close: (reason: string) => void closed.push(reason), onClose: () => {} };
  expect(await serveTunnel(verifier, "pcat_tunnel", tunnel)).toBe(true);
  await fake.revoke("pcat_tunnel");
  await expect.poll(() => closed).toEqual(["revoked"]);
});

test("check: by token", async () => {
  fake.add("pcak_editor", { accountId: "acct_1", ownerId: "svc_editor", permissions: ["dashboards.write"] });
  expect(await check.mayEdit(checker, "pcak_editor", "1")).toBe(true);
  expect(await check.mayEdit(checker, "pcak_guest", "1")).toBe(false);
  expect(await check.mayEdit(checker, "pcak_unknown", "1")).toBe(false);
});

test("clients: an error of the service is told as such", async () => {
  const nowhere = "http://127.0.0.1:1";
  const called = comeAndGo({ identity: nowhere, authorization: nowhere, credential: [nowhere] }, "pcak_own");
  await expect(called).rejects.toMatchObject({ code: Code.Unavailable });
});

test("the documentation shows these files as they are", async () => {
  const text = await readFile(join(import.meta.dirname, "../../../docs/sdk.md"), "utf8");
  const shown = [...text.matchAll(/```ts\n\/\/ packages\/sdk\/examples\/(\S+)\n(.*?)```/gs)];
  expect(shown.map(([, name]) => name)).toHaveLength(8);
  for (const [, name = "", code] of shown)
    expect(code).toBe(await readFile(join(import.meta.dirname, name), "utf8"));
});

async function listen(handler: RequestListener) {
  const server: Server = createHttpServer(handler).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The answer of a unary call, or the status. */
async function callGrpc(
  verifying: Verifier,
  checking: Checker,
  authorization: string | undefined,
): Promise<string | status> {
  const toBytes = (text: string) => Buffer.from(text);
  const method = {
    path: "/example.Example/WhoAmI",
    requestStream: false,
    responseStream: false,
    requestSerialize: toBytes,
    requestDeserialize: String,
    responseSerialize: toBytes,
    responseDeserialize: String,
  };
  const server = grpc.createServer(verifying, checking);
  server.addService({ whoAmI: method }, grpc.handlers);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  const metadata = new Metadata();
  if (authorization !== undefined) metadata.set("authorization", authorization);
  try {
    return await new Promise((resolve) => {
      const done = (error: ServiceError | null, answer?: string) => resolve(error?.code ?? answer ?? "");
      client.makeUnaryRequest(method.path, toBytes, String, "?", metadata, done);
    });
  } finally {
    client.close();
    server.forceShutdown();
  }
}
