import { randomUUID } from "node:crypto";
import { type CallOptions, createClient, type Transport } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport } from "@connectrpc/connect-node";
import { ReceiptService } from "@portcullis/contracts/portcullis/common/v1/receipt_service_pb.ts";
import { AccountService } from "@portcullis/contracts/portcullis/identity/v1/account_pb.ts";
import { SignInService } from "@portcullis/contracts/portcullis/identity/v1/sign_in_pb.ts";
import { verifyReceipt } from "@portcullis/service/receipts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Edge, startEdge } from "../compat/support/edge.ts";
import { reasonFrom } from "./support/connect-client.ts";
import type { ServiceProcess } from "./support/service-process.ts";

/** Where clients are, as the proxy in front of the gateway says; the tests are that proxy. */
const office = "203.0.113.7";
const elsewhere = "198.51.100.9";

let edge: Edge;
let gateway: ServiceProcess;
/** A key that works from the office alone. */
let officeKey: string;
beforeAll(async () => {
  edge = await startEdge();
  gateway = await edge.startGateway({ TRUSTED_PROXIES: "127.0.0.1" });
  const { serviceUser } = await edge.direct.serviceUsers.createServiceUser({ name: "office-bot" });
  const { token } = await edge.direct.credentials.createApiKey({
    ownerId: serviceUser?.serviceUserId ?? "",
    allowedIpRanges: [`${office}/32`],
  });
  officeKey = token;
});
afterAll(async () => {
  await gateway.stop();
  await edge[Symbol.asyncDispose]();
});

const through = () => createGrpcTransport({ baseUrl: gateway.url });
const direct = () => createGrpcTransport({ baseUrl: edge.installation.identity.url });
const getAccount = (transport: Transport, headers: Record<string, string>) =>
  reasonFrom(
    createClient(AccountService, transport).getAccount(
      {},
      { headers: { authorization: `Bearer ${officeKey}`, ...headers } },
    ),
  );

test("a key with address ranges works through the gateway from those, and the gateway's own is none of them", async () => {
  expect(await getAccount(through(), { "x-forwarded-for": office })).toBe("ok");
  expect(await getAccount(through(), { "x-forwarded-for": elsewhere })).toBe("CREDENTIALS_IP_NOT_ALLOWED");
  expect(await getAccount(through(), {})).toBe("CREDENTIALS_IP_NOT_ALLOWED");
});

test("so it does over REST", async () => {
  const list = (source: string) =>
    fetch(`${gateway.url}/service_users`, {
      headers: { authorization: `Bearer ${officeKey}`, "ngrok-version": "2", "x-forwarded-for": source },
    });
  expect([(await list(office)).status, (await list(elsewhere)).status]).toEqual([200, 403]);
});

test("nobody says for themselves where they are: not to a service, and not through the gateway", async () => {
  const proofs = ["", "gateway", officeKey, await edge.installation.workloadToken("credential", "identity")];
  for (const proof of proofs) {
    const forged = { "x-portcullis-source": office, "x-portcullis-passed-on-by": proof };
    expect(await getAccount(direct(), forged)).toBe("CREDENTIALS_IP_NOT_ALLOWED");
    expect(await getAccount(through(), { ...forged, "x-forwarded-for": elsewhere })).toBe(
      "CREDENTIALS_IP_NOT_ALLOWED",
    );
  }
  // The gateway that trusts no proxy believes none.
  const plain = createGrpcTransport({ baseUrl: edge.gateway.url });
  expect(await getAccount(plain, { "x-forwarded-for": office })).toBe("CREDENTIALS_IP_NOT_ALLOWED");
});

test("failed sign-ins through the gateway are counted for who makes them", async () => {
  const email = `ann-${randomUUID()}@example.com`;
  const signIn = createClient(SignInService, through());
  const from = (source: string): CallOptions => ({ headers: { "x-forwarded-for": source } });
  const attempt = (source: string) => reasonFrom(signIn.signIn({ email, password: "wrong" }, from(source)));
  const outcomes = [];
  for (let count = 0; count < 11; count++) outcomes.push(await attempt(elsewhere));
  expect(outcomes).toEqual([...Array.from({ length: 10 }, () => "SIGN_IN_REFUSED"), "TOO_MANY_ATTEMPTS"]);
  expect(await attempt(office)).toBe("SIGN_IN_REFUSED");
});

test("one id leads from the gateway through the logs of all services that a call is made of", async () => {
  const method = "portcullis.identity.v1.ServiceUserService/CreateServiceUser";
  const response = await fetch(`${gateway.url}/${method}`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${edge.installation.apiKey}`,
      "content-type": "application/json",
      "x-forwarded-for": office,
    },
    body: JSON.stringify({ name: "told-to-all" }),
  });
  const id = response.headers.get("x-request-id") ?? expect.fail("no id");
  const { identity, authorization, credentials } = edge.installation;
  const linesOf = (service: ServiceProcess) => service.log.filter((line) => line.includes(id));
  for (const service of [gateway, identity, authorization, credentials[0]]) {
    await expect.poll(() => linesOf(service).length).toBeGreaterThan(0);
  }
  expect(JSON.parse(linesOf(identity)[0] ?? "{}")).toMatchObject({ peer: office, requestId: id });
});

test("a receipt can be checked with what the one public port tells", async () => {
  const { serviceUser } = await edge.direct.serviceUsers.createServiceUser({ name: "gone" });
  const { receipt } = await edge.direct.serviceUsers.deactivateServiceUser({
    serviceUserId: serviceUser?.serviceUserId ?? "",
  });
  const transport = createConnectTransport({ baseUrl: gateway.url, httpVersion: "1.1" });
  const { keys } = await createClient(ReceiptService, transport).listReceiptKeys({});
  expect(new Set(keys.map(({ issuer }) => issuer))).toEqual(
    new Set(["identity", "authorization", "credential"]),
  );
  expect(verifyReceipt(receipt ?? expect.fail("no receipt"), keys).result).toBe("valid");
});
