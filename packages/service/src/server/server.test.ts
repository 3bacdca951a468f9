import { once } from "node:events";
import net from "node:net";
import { Readable } from "node:stream";
import { text as textOf } from "node:stream/consumers";
import { create, toBinary } from "@bufbuild/protobuf";
import { Code, ConnectError, createClient, type MethodImpl, type Transport } from "@connectrpc/connect";
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
} from "@connectrpc/connect-node";
import * as grpc from "@grpc/grpc-js";
import {
  Health,
  HealthCheckResponse_ServingStatus as Status,
} from "@portcullis/contracts/grpc/health/v1/health_pb.ts";
import { ServerReflection } from "@portcullis/contracts/grpc/reflection/v1/reflection_pb.ts";
import { VerificationService } from "@portcullis/contracts/portcullis/credential/v1/verification_pb.ts";
import {
  AccountService,
  GetAccountRequestSchema,
} from "@portcullis/contracts/portcullis/identity/v1/account_pb.ts";
import { DomainError } from "@portcullis/errors";
import { type Logger, pino } from "pino";
import { afterEach, expect, test } from "vitest";
import { callOf } from "../call.ts";
import { createMetrics } from "../metrics.ts";
import { createTestSecurity, testWorkloadToken } from "../testing/index.ts";
import { reasonOf } from "../wire-error.ts";
import { type RunningServer, startServer } from "./start-server.ts";

const ann = { accountId: "acct_a", principalId: "user_ann", permissions: ["identity.account.read"] };
const bob = { accountId: "acct_b", principalId: "user_bob", permissions: [] };
const root = { accountId: "acct_a", principalId: "user_root", permissions: "all" } as const;

let running: RunningServer | undefined;
afterEach(() => running?.close(0));

interface Options {
  readonly get?: MethodImpl<typeof AccountService.method.getAccount>;
  readonly log?: Logger;
  readonly callTimeoutMs?: number;
  readonly probe?: () => Promise<void>;
}

/** A server whose GetAccount answers with what the call was resolved to. */
async function serve({ get, log, callTimeoutMs, probe }: Options = {}): Promise<string> {
  const echo: MethodImpl<typeof AccountService.method.getAccount> = async (_request, context) => {
    const call = callOf(context);
    return { account: { accountId: call.accountId, displayName: String(call.unrestricted) } };
  };
  running = await startServer({
    host: "127.0.0.1",
    port: 0,
    services: [AccountService],
    routes: (router) => router.service(AccountService, { getAccount: get ?? echo }),
    security: createTestSecurity("identity", { ann, bob, root }, callTimeoutMs),
    log: log ?? pino({ level: "silent" }),
    metrics: createMetrics("identity"),
    probe: probe ?? (async () => {}),
  });
  return `http://127.0.0.1:${running.port}`;
}

const as = (bearer: string) => ({ headers: { authorization: `Bearer ${bearer}` } });
const client = (baseUrl: string) => createClient(AccountService, createGrpcTransport({ baseUrl }));
async function failure(call: Promise<unknown>): Promise<ConnectError> {
  return call.then(
    () => expect.fail("the call succeeded"),
    (error: unknown) => ConnectError.from(error),
  );
}

const transports: Record<string, (baseUrl: string) => Transport> = {
  gRPC: (baseUrl) => createGrpcTransport({ baseUrl }),
  "gRPC-Web over HTTP/2": (baseUrl) => createGrpcWebTransport({ baseUrl, httpVersion: "2" }),
  "gRPC-Web over HTTP/1.1": (baseUrl) => createGrpcWebTransport({ baseUrl, httpVersion: "1.1" }),
  "Connect over HTTP/2": (baseUrl) => createConnectTransport({ baseUrl, httpVersion: "2" }),
  "Connect over HTTP/1.1": (baseUrl) => createConnectTransport({ baseUrl, httpVersion: "1.1" }),
};

test.each(Object.keys(transports))(
  "one port answers %s, with the same result and the same refusal",
  async (name) => {
    const baseUrl = await serve();
    const transport = transports[name]?.(baseUrl);
    const accounts = createClient(AccountService, transport ?? expect.fail());
    expect((await accounts.getAccount({}, as("ann"))).account?.accountId).toBe("acct_a");
    const refused = await failure(accounts.getAccount({}, as("bob")));
    expect([refused.code, reasonOf(refused)]).toEqual([Code.PermissionDenied, "PERMISSION_DENIED"]);
  },
);

test("a caller without, with a wrong, or with a malformed credential is told so and nothing else", async () => {
  const accounts = client(await serve());
  expect(reasonOf(await failure(accounts.getAccount({})))).toBe("CREDENTIALS_MISSING");
  expect(reasonOf(await failure(accounts.getAccount({}, as("eve"))))).toBe("CREDENTIALS_INVALID");
  expect(reasonOf(await failure(accounts.getAccount({}, as("a.b.c"))))).toBe("CREDENTIALS_INVALID");
  const basic = { headers: { authorization: "Basic YW5uOg==" } };
  expect(reasonOf(await failure(accounts.getAccount({}, basic)))).toBe("CREDENTIALS_MISSING");
});

test("a foreign account and one that does not exist have the same answer", async () => {
  const accounts = client(await serve());
  const foreign = await failure(accounts.getAccount({ accountId: "acct_b" }, as("ann")));
  const absent = await failure(accounts.getAccount({ accountId: "acct_zzz" }, as("ann")));
  expect([foreign.code, foreign.rawMessage]).toEqual([absent.code, absent.rawMessage]);
  expect(reasonOf(foreign)).toBe("ACCOUNT_NOT_FOUND");
});

test("a super administrator reaches any account, and the handler knows", async () => {
  const accounts = client(await serve());
  const { account } = await accounts.getAccount({ accountId: "acct_b" }, as("root"));
  expect(account).toMatchObject({ accountId: "acct_b", displayName: "true" });
});

test("a workload is held to the list in the proto", async () => {
  const accounts = client(await serve());
  const token = await testWorkloadToken("credential", "identity");
  expect(reasonOf(await failure(accounts.getAccount({}, as(token))))).toBe("PERMISSION_DENIED");
});

test("a request that breaks a rule of its fields is refused with the fields' names", async () => {
  const accounts = client(await serve());
  const error = await failure(accounts.getAccount({ accountId: "x".repeat(65) }, as("root")));
  expect([error.code, reasonOf(error)]).toEqual([Code.InvalidArgument, "VALIDATION_FAILED"]);
  expect(error.rawMessage).toContain("account_id");
});

test("permission is decided before validation, so a stranger learns nothing of the rules", async () => {
  const accounts = client(await serve());
  const error = await failure(accounts.getAccount({ accountId: "x".repeat(65) }, as("ann")));
  expect(reasonOf(error)).toBe("ACCOUNT_NOT_FOUND");
});

test("an unexpected error is answered with INTERNAL and none of its text, and logged with it", async () => {
  const lines: string[] = [];
  const log = pino({ level: "info" }, { write: (line: string) => void lines.push(line) });
  const accounts = client(
    await serve({
      log,
      get: () => {
        throw new Error("password is hunter2");
      },
    }),
  );
  const error = await failure(accounts.getAccount({}, as("ann")));
  expect([error.code, reasonOf(error)]).toEqual([Code.Internal, "INTERNAL"]);
  expect(error.message).not.toContain("hunter2");
  expect(lines.join("")).toContain("hunter2");
  expect(error.metadata.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
});

test("the private cause of a refusal stays behind", async () => {
  const cause = new Error("relation accounts does not exist");
  const get = () => {
    throw new DomainError("DEPENDENCY_UNAVAILABLE", "Try again.", { cause });
  };
  const error = await failure(client(await serve({ get })).getAccount({}, as("ann")));
  expect([error.code, error.rawMessage]).toEqual([Code.Unavailable, "Try again."]);
  expect(JSON.stringify(error.details)).not.toContain("relation");
});

test("a call that brings no deadline ends by the server's", async () => {
  const get: Options["get"] = async (_request, context) => {
    const { signal } = callOf(context);
    await new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    return {};
  };
  const error = await failure(client(await serve({ get, callTimeoutMs: 100 })).getAccount({}, as("ann")));
  expect([error.code, reasonOf(error)]).toEqual([Code.DeadlineExceeded, "DEADLINE_EXCEEDED"]);
});

test("grpc-js shows a message as it was written", async () => {
  const message = "100% of «a:b», c/d & e=f;\nüml";
  const get = () => {
    throw new DomainError("VALIDATION_FAILED", message);
  };
  const baseUrl = await serve({ get });
  const raw = new grpc.Client(baseUrl.replace("http://", ""), grpc.credentials.createInsecure());
  const metadata = new grpc.Metadata();
  metadata.set("authorization", "Bearer ann");
  const error = await new Promise<grpc.ServiceError | null>((resolve) => {
    raw.makeUnaryRequest(
      "/portcullis.identity.v1.AccountService/GetAccount",
      (bytes: Buffer) => bytes,
      (bytes) => bytes,
      Buffer.from(toBinary(GetAccountRequestSchema, create(GetAccountRequestSchema))),
      metadata,
      (failed) => resolve(failed),
    );
  });
  raw.close();
  expect(error?.details).toBe(message);
});

test("health says SERVING while the probe succeeds, and NOT_SERVING while it does not", async () => {
  let isWell = true;
  const baseUrl = await serve({
    probe: async () => {
      if (!isWell) throw new Error("no database");
    },
  });
  const health = createClient(Health, createGrpcTransport({ baseUrl }));
  expect((await health.check({})).status).toBe(Status.SERVING);
  expect((await health.check({ service: AccountService.typeName })).status).toBe(Status.SERVING);
  isWell = false;
  expect((await health.check({})).status).toBe(Status.NOT_SERVING);
  expect((await failure(health.check({ service: "x" }))).code).toBe(Code.NotFound);
});

test("reflection lists the services and describes their files with all imports", async () => {
  const reflection = createClient(ServerReflection, createGrpcTransport({ baseUrl: await serve() }));
  const ask = async function* () {
    yield { messageRequest: { case: "listServices" as const, value: "" } };
    yield {
      messageRequest: {
        case: "fileContainingSymbol" as const,
        value: "portcullis.identity.v1.AccountService.GetAccount",
      },
    };
    yield { messageRequest: { case: "fileContainingSymbol" as const, value: "nowhere.Nothing" } };
  };
  const answers = await Readable.from(reflection.serverReflectionInfo(ask())).toArray();
  expect(JSON.stringify(answers[0])).toContain("portcullis.identity.v1.AccountService");
  expect(answers[1].messageResponse.value.fileDescriptorProto.length).toBeGreaterThan(3);
  expect(answers[2].messageResponse.case).toBe("errorResponse");
});

test("metrics count calls by method and code, and unknown paths are 404", async () => {
  const baseUrl = await serve();
  await client(baseUrl).getAccount({}, as("ann"));
  await failure(client(baseUrl).getAccount({}, as("bob")));
  const text = await (await fetch(`${baseUrl}/metrics`)).text();
  expect(text).toMatch(
    /portcullis_rpc_calls_total\{method="[^"]+GetAccount",code="ok",service="identity"\} 1/,
  );
  expect(text).toMatch(/code="PermissionDenied",service="identity"\} 1/);
  expect((await fetch(`${baseUrl}/nowhere`)).status).toBe(404);
});

test("a request without a host, or whose host is none, is refused, and others are answered", async () => {
  const baseUrl = await serve();
  for (const path of [`${AccountService.typeName}/GetAccount`, `${Health.typeName}/Check`]) {
    for (const head of ["HTTP/1.0", "HTTP/1.1\r\nhost: ["]) {
      const socket = net.connect(running?.port ?? 0, "127.0.0.1");
      socket.write(
        `POST /${path} ${head}\r\ncontent-type: application/proto\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`,
      );
      expect(await textOf(socket)).toMatch(/^HTTP\/1.1 400 /);
    }
  }
  expect((await client(baseUrl).getAccount({}, as("ann"))).account?.accountId).toBe("acct_a");
});

test("the request log names caller, method and outcome, and no secret", async () => {
  const lines: string[] = [];
  const log = pino({ level: "info" }, { write: (line: string) => void lines.push(line) });
  await client(await serve({ log })).getAccount({}, as("ann"));
  const entry: unknown = JSON.parse(lines.find((line) => line.includes('"call"')) ?? "{}");
  expect(entry).toMatchObject({ code: "ok", caller: "user_ann", account: "acct_a", peer: "127.0.0.1" });
  expect(lines.join("")).not.toContain("Bearer");
});

test("a shutdown answers the calls in flight and takes no new ones", async () => {
  const entered = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  const get: Options["get"] = async () => {
    entered.resolve();
    await gate.promise;
    return { account: { displayName: "late" } };
  };
  const accounts = client(await serve({ get }));
  const inFlight = accounts.getAccount({}, as("ann"));
  await entered.promise;
  const closed = running?.close(10_000);
  gate.resolve();
  expect((await inFlight).account?.displayName).toBe("late");
  await closed;
  expect((await failure(accounts.getAccount({}, as("ann")))).code).toBe(Code.Unavailable);
});

test("an open stream ends with SHUTTING_DOWN, and no shutdown waits for it", async () => {
  const said = { message: { case: "lease", value: { nonce: 1n, ttlMs: 1 } } } as const;
  running = await startServer({
    host: "127.0.0.1",
    port: 0,
    services: [VerificationService],
    routes: (router) =>
      router.service(VerificationService, {
        async *watchRevocations(_requests, { signal }) {
          yield said;
          await once(signal, "abort");
        },
      }),
    security: createTestSecurity("credential", {}),
    log: pino({ level: "silent" }),
    metrics: createMetrics("credential"),
    probe: async () => {},
  });
  const baseUrl = `http://127.0.0.1:${running.port}`;
  const watcher = createClient(VerificationService, createGrpcTransport({ baseUrl }));
  const forever = Promise.withResolvers<never>();
  const requests = (async function* () {
    yield {};
    await forever.promise;
  })();
  const token = as(await testWorkloadToken("gateway", "credential"));
  const answers = watcher.watchRevocations(requests, token)[Symbol.asyncIterator]();
  expect((await answers.next()).value).toMatchObject(said);
  const ended = failure(answers.next());
  await running.close(600_000);
  expect(reasonOf(await ended)).toBe("SHUTTING_DOWN");
});

test("calls that begin while a shutdown does are answered or refused cleanly, never lost halfway", async () => {
  let answered = 0;
  const get: Options["get"] = async () => {
    answered++;
    return { account: { displayName: "ok" } };
  };
  const accounts = client(await serve({ get }));
  await accounts.getAccount({}, as("ann"));
  const burst = Array.from({ length: 200 }, () => accounts.getAccount({}, as("ann")));
  const closed = running?.close(10_000);
  const results = await Promise.allSettled(burst);
  await closed;
  const fulfilled = results.filter(({ status }) => status === "fulfilled").length;
  // The handler ran for exactly those that got an answer.
  expect(fulfilled).toBe(answered - 1);
  // The others were told so in HTTP/2's words for "not processed, send it again elsewhere".
  const refusals = results.filter((result) => result.status === "rejected");
  expect(
    refusals.map(({ reason }) => String(reason)).filter((text) => !text.includes("REFUSED_STREAM")),
  ).toEqual([]);
});
