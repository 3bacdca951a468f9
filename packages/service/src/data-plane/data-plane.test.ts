import { readFileSync } from "node:fs";
import { join } from "node:path";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { Client, credentials, Metadata, type ServiceError, status } from "@grpc/grpc-js";
import {
  Health,
  HealthCheckResponse_ServingStatus as Status,
} from "@portcullis/contracts/grpc/health/v1/health_pb.ts";
import { VerificationService } from "@portcullis/contracts/portcullis/credential/v1/verification_pb.ts";
import {
  AccountService,
  GetAccountRequestSchema,
  GetAccountResponseSchema,
} from "@portcullis/contracts/portcullis/identity/v1/account_pb.ts";
import { type Logger, pino } from "pino";
import { afterEach, expect, test, vi } from "vitest";
import { callOf } from "../call.ts";
import { createMetrics, type RpcMetrics } from "../metrics.ts";
import { RememberedWorkloads } from "../remembered-workloads.ts";
import type { Authorizer } from "../security.ts";
import { type RunningServer, startServer } from "../server/start-server.ts";
import { createTestSecurity, testWorkloadKey, testWorkloadToken } from "../testing/index.ts";
import type { Tls } from "../tls.ts";
import { reasonOf } from "../wire-error.ts";
import { createWorkloadTokenSource } from "../workload-token.ts";
import { parseMessage } from "./messages.ts";
import type { DataMethod, UnaryMethod } from "./methods.ts";
import { startDataPlane } from "./start-data-plane.ts";

const ann = { accountId: "acct_a", principalId: "user_ann", permissions: ["identity.account.read"] };
const bob = { accountId: "acct_b", principalId: "user_bob", permissions: [] };
const root = { accountId: "acct_a", principalId: "user_root", permissions: "all" } as const;

const running: RunningServer[] = [];
const clients: Client[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await Promise.all(running.splice(0).map((server) => server.close(0)));
  vi.useRealTimers();
});

interface Options {
  readonly answer?: UnaryMethod["answer"];
  readonly methods?: readonly DataMethod[];
  readonly authorizer?: Partial<Authorizer>;
  readonly callTimeoutMs?: number;
  readonly log?: Logger;
  readonly metrics?: RpcMetrics;
  readonly tls?: Tls;
}

/** GetAccount on a data plane: answers with what the call was resolved to. */
function getAccount(answer?: UnaryMethod["answer"]): UnaryMethod {
  return {
    kind: "unary",
    method: AccountService.method.getAccount,
    accountNamedBy: (request) => fromBinary(GetAccountRequestSchema, request).accountId,
    answer:
      answer ??
      ((request, call) => {
        parseMessage(GetAccountRequestSchema, request);
        return answerOf(call.accountId, String(call.unrestricted));
      }),
  };
}

const answerOf = (accountId: string, displayName: string) =>
  toBinary(
    GetAccountResponseSchema,
    create(GetAccountResponseSchema, { account: { accountId, displayName } }),
  );

async function serve(options: Options = {}): Promise<string> {
  const security = createTestSecurity("identity", { ann, bob, root }, options.callTimeoutMs);
  const server = await startDataPlane({
    host: "127.0.0.1",
    port: 0,
    methods: options.methods ?? [getAccount(options.answer)],
    security: {
      ...security,
      apiKeys: { ...security.apiKeys, recall: () => undefined },
      authorizer: { ...security.authorizer, ...options.authorizer },
    },
    log: options.log ?? pino({ level: "silent" }),
    metrics: options.metrics ?? createMetrics("identity"),
    probe: async () => {},
    tls: options.tls,
  });
  running.push(server);
  return `127.0.0.1:${server.port}`;
}

async function serveControlPlane(tls?: Tls): Promise<string> {
  const server = await startServer({
    host: "127.0.0.1",
    port: 0,
    services: [AccountService],
    routes: (router) =>
      router.service(AccountService, {
        getAccount: (_request, context) => {
          const { accountId, unrestricted } = callOf(context);
          return { account: { accountId, displayName: String(unrestricted) } };
        },
      }),
    security: createTestSecurity("identity", { ann, bob, root }),
    log: pino({ level: "silent" }),
    metrics: createMetrics("identity"),
    probe: async () => {},
    tls,
  });
  running.push(server);
  return `127.0.0.1:${server.port}`;
}

const connected = (address: string) =>
  createClient(AccountService, createGrpcTransport({ baseUrl: `http://${address}` }));
const as = (bearer: string) => ({ headers: { authorization: `Bearer ${bearer}` } });

/** What a call came to, in words. */
async function outcomeOf(
  call: Promise<{
    readonly account?: { readonly accountId: string; readonly displayName: string } | undefined;
  }>,
) {
  return call.then(
    ({ account }) => `${account?.accountId} ${account?.displayName}`,
    (error: unknown) =>
      `${Code[ConnectError.from(error).code]} ${reasonOf(error)} ${ConnectError.from(error).rawMessage}`,
  );
}

test("lets in, and refuses, whom the control plane does, in the same words", async () => {
  const doors = [connected(await serve()), connected(await serveControlPlane())];
  const identity = await testWorkloadToken("credential", "identity");
  const bearers = [
    "ann",
    "bob",
    "root",
    "nobody",
    identity,
    `${identity}x`,
    await testWorkloadToken("credential", "other"),
    "",
  ];
  const accounts = ["", "acct_a", "acct_b", "acct_none"];
  const outcomes = await Promise.all(
    doors.map((door) =>
      Promise.all(
        bearers.flatMap((bearer) =>
          accounts.map(
            async (accountId) =>
              `${bearer} ${accountId}: ${await outcomeOf(door.getAccount({ accountId }, as(bearer)))}`,
          ),
        ),
      ),
    ),
  );
  expect(outcomes[0]).toEqual(outcomes[1]);
  expect(outcomes[0]).toContain("ann : acct_a false");
  expect(outcomes[0]?.filter((text) => text.includes("PERMISSION_DENIED")).length).toBeGreaterThan(0);
});

test("asks nobody where admission is known, and takes its word", async () => {
  const decide = () => Promise.reject(new Error("asked"));
  const known: Authorizer["known"] = ({ principalId }) => ({
    allowed: principalId === "user_bob",
    superAdmin: false,
  });
  const accounts = connected(await serve({ authorizer: { known, decide } }));
  expect(await outcomeOf(accounts.getAccount({}, as("bob")))).toBe("acct_b false");
  expect(await outcomeOf(accounts.getAccount({}, as("ann")))).toContain("PERMISSION_DENIED");
});

test("a workload token is good until it expires, remembered or not", async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: 1_750_000_000_000 });
  const workloads = new RememberedWorkloads(testWorkloadKey, "identity");
  const token = await createWorkloadTokenSource(testWorkloadKey, "credential", "identity")();
  expect(workloads.recall(token)).toBeUndefined();
  await workloads.verify(token);
  // Two minutes, and half a minute for clocks that differ.
  vi.setSystemTime(Date.now() + 149_999);
  expect(workloads.recall(token)).toEqual({ kind: "workload", name: "credential" });
  await workloads.verify(token);
  vi.setSystemTime(Date.now() + 1);
  expect(workloads.recall(token)).toBeUndefined();
  await expect(workloads.verify(token)).rejects.toMatchObject({ reason: "CREDENTIALS_INVALID" });
});

test("work ends when the caller cancels, when its deadline passes, and when it takes too long", async () => {
  const ended: string[] = [];
  const answer: UnaryMethod["answer"] = (_request, { signal }) =>
    new Promise((_, reject) => {
      signal.addEventListener("abort", () => {
        ended.push(signal.reason instanceof DOMException ? signal.reason.name : "?");
        reject(signal.reason as Error);
      });
    });
  const slow = connected(await serve({ answer }));
  const late = await slow.getAccount({}, { ...as("ann"), timeoutMs: 100 }).catch(ConnectError.from);
  expect(late).toMatchObject({ code: Code.DeadlineExceeded });
  // The caller's own clock may be first to cancel.
  await expect.poll(() => ended).toEqual([expect.stringMatching(/^(Timeout|Abort)Error$/)]);
  const cancelled = new AbortController();
  const call = slow.getAccount({}, { ...as("ann"), signal: cancelled.signal }).catch(ConnectError.from);
  setTimeout(() => cancelled.abort(), 50);
  expect(await call).toMatchObject({ code: Code.Canceled });
  await expect.poll(() => ended.slice(1)).toEqual(["AbortError"]);
  const impatient = connected(await serve({ answer, callTimeoutMs: 100 }));
  expect(await outcomeOf(impatient.getAccount({}, as("ann")))).toContain(
    "DeadlineExceeded DEADLINE_EXCEEDED",
  );
});

test("a fault tells its caller nothing, and is logged", async () => {
  const lines: string[] = [];
  const log = pino({ level: "info" }, { write: (line: string) => void lines.push(line) });
  const answer = () => {
    throw new Error("the inner workings");
  };
  const accounts = connected(await serve({ answer, log }));
  const outcome = await outcomeOf(accounts.getAccount({}, as("ann")));
  expect(outcome).toContain("Internal INTERNAL");
  expect(outcome).not.toContain("workings");
  expect(lines.join("")).toContain("the inner workings");
});

test("calls are counted, and logged at the level debug only, without secrets", async () => {
  const lines: string[] = [];
  const log = pino({ level: "debug" }, { write: (line: string) => void lines.push(line) });
  const metrics = createMetrics("identity");
  const accounts = connected(await serve({ log, metrics }));
  await accounts.getAccount({}, as("ann"));
  await outcomeOf(accounts.getAccount({}, as("bob")));
  const text = await metrics.registry.metrics();
  expect(text).toMatch(
    /portcullis_rpc_calls_total\{method="[^"]+GetAccount",code="ok",service="identity"\} 1/,
  );
  expect(text).toMatch(/code="PermissionDenied",service="identity"\} 1/);
  expect(JSON.parse(lines[0] ?? "{}")).toMatchObject({
    level: 20,
    code: "ok",
    caller: "user_ann",
    peer: "127.0.0.1",
  });
  expect(lines.join("")).not.toContain("Bearer");
});

test("tells its health, and what it does not serve", async () => {
  const address = await serve();
  const health = createClient(Health, createGrpcTransport({ baseUrl: `http://${address}` }));
  expect((await health.check({})).status).toBe(Status.SERVING);
  expect((await health.check({ service: AccountService.typeName })).status).toBe(Status.SERVING);
  expect((await health.list({})).statuses[""]?.status).toBe(Status.SERVING);
  await expect(health.check({ service: "none" })).rejects.toMatchObject({ code: Code.NotFound });
  const watching = health.watch({})[Symbol.asyncIterator]();
  expect((await watching.next()).value).toMatchObject({ status: Status.SERVING });
  const closed = running[0]?.close(5_000);
  expect((await watching.next()).value).toMatchObject({ status: Status.NOT_SERVING });
  await closed;
  const unknown = connected(await serve({ methods: [] })).getAccount({}, as("ann"));
  await expect(unknown).rejects.toMatchObject({ code: Code.Unimplemented });
});

test("a shutdown answers the calls in flight, takes no new ones, and sends streams elsewhere", async () => {
  const entered = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  const stream: DataMethod = {
    kind: "stream",
    method: VerificationService.method.verifyStream,
    serve: (bytes) => ({
      onMessage: (message) => bytes.write(message),
      onEnd: () => bytes.end(),
      onClose: () => {},
    }),
  };
  const answer = async () => {
    entered.resolve();
    await gate.promise;
    return answerOf("acct_a", "late");
  };
  const address = await serve({ methods: [getAccount(answer), stream] });
  const accounts = connected(address);
  const client = new Client(address, credentials.createInsecure());
  clients.push(client);
  const metadata = new Metadata();
  metadata.set("authorization", `Bearer ${await testWorkloadToken("credential", "identity")}`);
  const asIs = (bytes: Buffer) => bytes;
  const { typeName } = VerificationService;
  const lasting = client.makeBidiStreamRequest(`/${typeName}/VerifyStream`, asIs, asIs, metadata);
  const ended = new Promise<{ readonly code: number; readonly details: string }>((resolve) =>
    lasting.on("error", (error: ServiceError) => resolve(error)),
  );
  lasting.write(Buffer.from("echo"));
  expect(await new Promise((resolve) => lasting.once("data", resolve))).toEqual(Buffer.from("echo"));
  const inFlight = accounts.getAccount({}, as("ann"));
  await entered.promise;
  const closed = running[0]?.close(10_000);
  expect(await ended).toMatchObject({
    code: status.UNAVAILABLE,
    details: expect.stringContaining("going down"),
  });
  gate.resolve();
  expect((await inFlight).account?.displayName).toBe("late");
  await closed;
  expect(await outcomeOf(accounts.getAccount({}, as("ann")))).toContain("Unavailable");
});

test("what does not end within the grace of a shutdown is cut off", async () => {
  const entered = Promise.withResolvers<void>();
  const answer = () => {
    entered.resolve();
    return new Promise<Uint8Array>(() => {});
  };
  const accounts = connected(await serve({ answer }));
  const stuck = outcomeOf(accounts.getAccount({}, as("ann")));
  await entered.promise;
  await running.pop()?.close(50);
  expect(await stuck).not.toContain("acct_a");
});

const pem = (name: string) => readFileSync(join(import.meta.dirname, "../testing/certificates", name));

test("TLS proves the server, and asks its clients for a certificate where it is told to, on both ports", async () => {
  const tls = { cert: pem("server.crt"), key: pem("server.key") };
  const mutual = { ...tls, clientCa: pem("ca.crt") };
  const own = { cert: pem("client.crt"), key: pem("client.key") };
  const strangers = { cert: pem("stranger.crt"), key: pem("stranger.key") };
  const ask = (address: string, nodeOptions: object) => {
    const transport = createGrpcTransport({ baseUrl: `https://${address}`, nodeOptions });
    return outcomeOf(createClient(AccountService, transport).getAccount({}, as("ann")));
  };
  const ca = pem("ca.crt");
  for (const address of [await serve({ tls }), await serveControlPlane(tls)]) {
    expect(await ask(address, { ca })).toBe("acct_a false");
    expect(await ask(address, {})).not.toContain("acct_a");
    expect(await outcomeOf(connected(address).getAccount({}, as("ann")))).not.toContain("acct_a");
  }
  for (const address of [await serve({ tls: mutual }), await serveControlPlane(mutual)]) {
    expect(await ask(address, { ca, ...own })).toBe("acct_a false");
    expect(await ask(address, { ca })).not.toContain("acct_a");
    expect(await ask(address, { ca, ...strangers })).not.toContain("acct_a");
  }
});
