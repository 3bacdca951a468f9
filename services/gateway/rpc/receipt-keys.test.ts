import { createClient } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport } from "@connectrpc/connect-node";
import { ReceiptService } from "@portcullis/contracts/portcullis/common/v1/receipt_service_pb.ts";
import { type RunningServer, reasonOf } from "@portcullis/service";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ServiceUrls } from "../peers/clients.ts";
import { type FakeService, startFakeService } from "../testing/fake-service.ts";
import { startTestGateway } from "../testing/start-gateway.ts";

const services: FakeService[] = [];
let urls: ServiceUrls;
let gateway: RunningServer;
/** A service with its own keys, and one of another's, which is not its to show. */
async function issuer(name: string): Promise<string> {
  const service = await startFakeService((router) => {
    const key = (of: string, keyId: string) => ({ issuer: of, keyId, publicKey: new Uint8Array(32) });
    router.service(ReceiptService, {
      listReceiptKeys: () => ({ keys: [key(name, `${name}-2`), key(name, `${name}-1`), key("other", "x")] }),
    });
  });
  services.push(service);
  return service.url;
}
beforeAll(async () => {
  urls = {
    identity: await issuer("identity"),
    authorization: await issuer("authorization"),
    credential: await issuer("credential"),
  };
  gateway = await startTestGateway(urls);
});
afterAll(async () => {
  await gateway.close(0);
  for (const service of services) await service[Symbol.asyncDispose]();
});

const baseUrl = (of: RunningServer) => `http://127.0.0.1:${of.port}`;
const client = (of = gateway) =>
  createClient(ReceiptService, createConnectTransport({ baseUrl: baseUrl(of), httpVersion: "1.1" }));
const names = (keys: readonly { readonly issuer: string; readonly keyId: string }[]) =>
  keys.map(({ issuer: of, keyId }) => `${of} ${keyId}`);

test("anybody finds the keys of all services at the gateway, each with the one that it speaks for", async () => {
  const { keys } = await client().listReceiptKeys({});
  expect(names(keys)).toEqual([
    "identity identity-2",
    "identity identity-1",
    "authorization authorization-2",
    "authorization authorization-1",
    "credential credential-2",
    "credential credential-1",
  ]);
});

test("the keys of one issuer are asked of that service alone", async () => {
  const nowhere = "http://127.0.0.1:1";
  const other = await startTestGateway({ ...urls, identity: nowhere, authorization: nowhere });
  const grpc = createClient(ReceiptService, createGrpcTransport({ baseUrl: baseUrl(other) }));
  const { keys } = await grpc.listReceiptKeys({ issuer: "credential" });
  expect(names(keys)).toEqual(["credential credential-2", "credential credential-1"]);
  expect((await grpc.listReceiptKeys({ issuer: "other" })).keys).toEqual([]);
  await other.close(0);
});

test("some of the keys are never taken for all of them", async () => {
  const other = await startTestGateway({ ...urls, authorization: "http://127.0.0.1:1" });
  const error: unknown = await client(other)
    .listReceiptKeys({})
    .catch((thrown: unknown) => thrown);
  expect(reasonOf(error)).toBe("DEPENDENCY_UNAVAILABLE");
  await other.close(0);
});

test("who asks too often is told when to come back", async () => {
  const other = await startTestGateway(urls, { sourceMax: 1 });
  await client(other).listReceiptKeys({});
  const error: unknown = await client(other)
    .listReceiptKeys({})
    .catch((thrown: unknown) => thrown);
  expect(reasonOf(error)).toBe("RATE_LIMITED");
  await other.close(0);
});
