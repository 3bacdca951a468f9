import { type CallOptions, createClient } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport } from "@connectrpc/connect-node";
import { CheckService } from "@portcullis/contracts/portcullis/authorization/v1/check_pb.ts";
import { AccountService } from "@portcullis/contracts/portcullis/identity/v1/account_pb.ts";
import { SignInService } from "@portcullis/contracts/portcullis/identity/v1/sign_in_pb.ts";
import { pino } from "pino";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { callOf, openCallOf } from "../call.ts";
import { createMetrics } from "../metrics.ts";
import { createPeerClient } from "../peers/peer-client.ts";
import { type RunningServer, startServer } from "../server/start-server.ts";
import { createTestSecurity, testWorkloadKey, testWorkloadToken } from "../testing/index.ts";
import { createWorkloadTokenSource } from "../workload-token.ts";

const client = "203.0.113.7";
const ann = { accountId: "acct_a", principalId: "user_ann", permissions: ["identity.account.read"] };

/** Where the credential of each call was said to come from. */
const proven: (string | undefined)[] = [];
/** Where the calls for anyone came from. */
const opened: (string | undefined)[] = [];
/** The ids of the calls that the peer has got. */
const peerIds: (string | null)[] = [];
const log: { readonly method: string; readonly peer: string; readonly requestId: string }[] = [];
const servers: RunningServer[] = [];
let url = "";

beforeAll(async () => {
  const common = { host: "127.0.0.1", port: 0, metrics: createMetrics("identity"), probe: async () => {} };
  const peer = await startServer({
    ...common,
    services: [CheckService],
    routes: (router) =>
      router.service(CheckService, {
        check(_request, { requestHeader }) {
          peerIds.push(requestHeader.get("x-request-id"));
          return {};
        },
      }),
    security: createTestSecurity("authorization", {}),
    log: pino({ level: "silent" }),
  });
  const checks = createPeerClient(CheckService, {
    baseUrl: `http://127.0.0.1:${peer.port}`,
    peerName: "authorization",
    ownName: "identity",
    workloadKey: testWorkloadKey,
    timeoutMs: 5_000,
  });
  const security = createTestSecurity("identity", { ann });
  const server = await startServer({
    ...common,
    services: [AccountService, SignInService],
    routes(router) {
      router.service(AccountService, {
        async getAccount(_request, context) {
          await checks.check({ permissionId: "x", subject: { accountId: "a", principalId: "b" } });
          return { account: { displayName: callOf(context).peerAddress ?? "" } };
        },
      });
      router.service(SignInService, {
        signIn(_request, context) {
          opened.push(openCallOf(context).peerAddress);
          return {};
        },
      });
    },
    security: {
      ...security,
      apiKeys: {
        authenticate(apiKey, peerAddress, signal) {
          proven.push(peerAddress);
          return security.apiKeys.authenticate(apiKey, peerAddress, signal);
        },
      },
    },
    log: pino({ level: "info" }, { write: (line: string) => void log.push(JSON.parse(line)) }),
  });
  servers.push(server, peer);
  url = `http://127.0.0.1:${server.port}`;
});
beforeEach(() => {
  for (const list of [proven, opened, peerIds, log]) list.splice(0);
});
afterAll(() => Promise.all(servers.map((server) => server.close(0))));

const headersOf = (source: string, proof: string): CallOptions => ({
  headers: {
    authorization: "Bearer ann",
    "x-portcullis-source": source,
    "x-portcullis-passed-on-by": proof,
  },
});
async function sourceOf(options: CallOptions): Promise<string | undefined> {
  const accounts = createClient(AccountService, createGrpcTransport({ baseUrl: url }));
  return (await accounts.getAccount({}, options)).account?.displayName;
}

test("what the gateway passes on comes from where the gateway says: for the proof, the handler and the log", async () => {
  const proof = await testWorkloadToken("gateway", "identity");
  for (const source of [client, "2001:db8::7"]) {
    expect(await sourceOf(headersOf(source, proof))).toBe(source);
    expect([proven.at(-1), log.at(-1)?.peer]).toEqual([source, source]);
  }
});

test("so does what anybody may call", async () => {
  const proof = await testWorkloadToken("gateway", "identity");
  const transport = createConnectTransport({ baseUrl: url, httpVersion: "1.1" });
  await createClient(SignInService, transport).signIn({ email: "a@b.c" }, headersOf(client, proof));
  expect(opened).toEqual([client]);
});

const hourAgo = () => Date.now() - 3_600_000;
test.each<[string, () => Promise<string>]>([
  ["nobody proves", async () => ""],
  ["an API key proves", async () => "ann"],
  ["another service proves", () => testWorkloadToken("credential", "identity")],
  ["the gateway has proven to another service", () => testWorkloadToken("gateway", "credential")],
  [
    "the gateway has proven an hour ago",
    createWorkloadTokenSource(testWorkloadKey, "gateway", "identity", hourAgo),
  ],
  [
    "somebody with another key proves",
    createWorkloadTokenSource(new Uint8Array(32).fill(9), "gateway", "identity"),
  ],
])("what %s is not listened to: the call comes from the other end of the connection", async (_, proof) => {
  expect(await sourceOf(headersOf(client, await proof()))).toBe("127.0.0.1");
  expect(proven).toEqual(["127.0.0.1"]);
});

test.each(["", "somewhere", "203.0.113.7, 203.0.113.8", "fe80::1%eth0", "203.0.113.7:80"])(
  "«%s» is no address, whoever says so",
  async (source) => {
    const proof = await testWorkloadToken("gateway", "identity");
    expect(await sourceOf(headersOf(source, proof))).toBe("127.0.0.1");
  },
);

test("the proof gives no rights", async () => {
  const proof = await testWorkloadToken("gateway", "identity");
  const headers = { "x-portcullis-source": client, "x-portcullis-passed-on-by": proof };
  await expect(sourceOf({ headers })).rejects.toThrow("Send an API key");
});

test("a call of a peer has the id of the call that it is made for", async () => {
  const headers = { authorization: "Bearer ann", "x-request-id": "op_1" };
  await Promise.all([sourceOf({ headers }), sourceOf({ headers: { ...headers, "x-request-id": "op_2" } })]);
  expect(peerIds.toSorted()).toEqual(["op_1", "op_2"]);
  await sourceOf({ headers: { authorization: "Bearer ann" } });
  expect(peerIds.at(-1)).toBe(log.at(-1)?.requestId);
});
