import { create } from "@bufbuild/protobuf";
import { Code, ConnectError, createClient, type Transport } from "@connectrpc/connect";
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
} from "@connectrpc/connect-node";
import {
  VerificationService,
  VerifyStreamResponseSchema,
} from "@portcullis/contracts/portcullis/credential/v1/verification_pb.ts";
import { SignInService } from "@portcullis/contracts/portcullis/identity/v1/sign_in_pb.ts";
import { DomainError } from "@portcullis/errors";
import { type RunningServer, reasonOf, toWireError } from "@portcullis/service";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type FakeService, startFakeService } from "../testing/fake-service.ts";
import { goodKey, startTestGateway } from "../testing/start-gateway.ts";

let service: FakeService;
let gateway: RunningServer;
let cancelled: PromiseWithResolvers<void>;
beforeAll(async () => {
  service = await startFakeService((router) => {
    router.service(VerificationService, {
      verifyToken(request, context) {
        context.responseHeader.set("x-answered", "yes");
        if (request.token === "bad") throw toWireError(new DomainError("VALIDATION_FAILED", "so «bad»"));
        if (request.token === "slow") return new Promise(() => {});
        return { verification: { evaluatedRevision: 7n } };
      },
      async *verifyStream(requests, context) {
        context.signal.addEventListener("abort", () => cancelled.resolve());
        for await (const { verifications } of requests) {
          for (const { id } of verifications) {
            if (id === 99n) throw toWireError(new DomainError("DEPENDENCY_UNAVAILABLE", "away"));
            yield create(VerifyStreamResponseSchema, { answers: [{ id }] });
          }
        }
      },
    });
    router.service(SignInService, { signIn: () => ({}) });
  });
  gateway = await startTestGateway({
    identity: service.url,
    authorization: service.url,
    credential: service.url,
  });
});
beforeEach(() => {
  cancelled = Promise.withResolvers();
});
afterEach(() => service.received.splice(0));
afterAll(async () => {
  await gateway.close(0);
  await service[Symbol.asyncDispose]();
});

const baseUrl = (of: RunningServer) => `http://127.0.0.1:${of.port}`;
const as = (key: string) => ({ headers: { authorization: `Bearer ${key}` } });

const protocols: readonly (readonly [string, (baseUrl: string) => Transport, boolean])[] = [
  ["Connect over HTTP/1.1", (url) => createConnectTransport({ baseUrl: url, httpVersion: "1.1" }), false],
  [
    "Connect with GET",
    (url) => createConnectTransport({ baseUrl: url, httpVersion: "1.1", useHttpGet: true }),
    false,
  ],
  ["Connect over HTTP/2", (url) => createConnectTransport({ baseUrl: url, httpVersion: "2" }), true],
  ["gRPC-Web over HTTP/1.1", (url) => createGrpcWebTransport({ baseUrl: url, httpVersion: "1.1" }), false],
  ["gRPC-Web over HTTP/2", (url) => createGrpcWebTransport({ baseUrl: url, httpVersion: "2" }), true],
  ["gRPC", (url) => createGrpcTransport({ baseUrl: url }), true],
];

describe.each(protocols)("%s", (_, transportTo) => {
  const verification = (of = gateway) => createClient(VerificationService, transportTo(baseUrl(of)));

  test("a call and its answer, with headers", async () => {
    let answered: string | null = "";
    const onHeader = (headers: Headers) => {
      answered = headers.get("x-answered");
    };
    const answer = await verification().verifyToken({ token: "x" }, { ...as(goodKey), onHeader });
    expect([answer.verification?.evaluatedRevision, answered]).toEqual([7n, "yes"]);
  });

  test("a call for anybody needs no credential", async () => {
    const signIn = createClient(SignInService, transportTo(baseUrl(gateway)));
    await expect(signIn.signIn({})).resolves.toMatchObject({});
  });

  test("an error with its reason and message", async () => {
    const error: unknown = await verification()
      .verifyToken({ token: "bad" }, as(goodKey))
      .catch((thrown: unknown) => thrown);
    expect([reasonOf(error), ConnectError.from(error).rawMessage]).toEqual(["VALIDATION_FAILED", "so «bad»"]);
  });

  test.each<[string, Record<string, string>, string]>([
    ["without a credential", {}, "CREDENTIALS_MISSING"],
    ["with a wrong one", { authorization: "Bearer pcak_x" }, "CREDENTIALS_INVALID"],
    ["with a service's own", { authorization: "Bearer a.b.c" }, "CREDENTIALS_INVALID"],
  ])("a call %s does not reach the service", async (__, headers, reason) => {
    const error: unknown = await verification()
      .verifyToken({ token: "x" }, { headers })
      .catch((thrown: unknown) => thrown);
    expect([reasonOf(error), ConnectError.from(error).code]).toEqual([reason, Code.Unauthenticated]);
    expect(service.received).toEqual([]);
  });

  test("a service that is away is unavailable", async () => {
    const nowhere = "http://127.0.0.1:1";
    const other = await startTestGateway({ identity: nowhere, authorization: nowhere, credential: nowhere });
    const error: unknown = await verification(other)
      .verifyToken({ token: "x" }, as(goodKey))
      .catch((thrown: unknown) => thrown);
    expect(ConnectError.from(error).code).toBe(Code.Unavailable);
    await other.close(0);
  });

  test("a source with too many calls is told when to come back", async () => {
    const urls = { identity: service.url, authorization: service.url, credential: service.url };
    const other = await startTestGateway(urls, { sourceMax: 1 });
    const client = verification(other);
    await client.verifyToken({ token: "x" }, as(goodKey));
    const error: unknown = await client
      .verifyToken({ token: "x" }, as(goodKey))
      .catch((thrown: unknown) => thrown);
    expect([reasonOf(error), ConnectError.from(error).code]).toEqual([
      "RATE_LIMITED",
      Code.ResourceExhausted,
    ]);
    await other.close(0);
  });
});

/** Other protocols answer only when everything is asked. */
const duplex = protocols.filter(([, , isDuplex]) => isDuplex);

describe.each(duplex)("%s, both ways", (_, transportTo) => {
  const verification = (of = gateway) => createClient(VerificationService, transportTo(baseUrl(of)));

  test("a stream goes both ways, an answer for each question as it is asked", async () => {
    const questions = Promise.withResolvers<void>();
    async function* ask() {
      yield { verifications: [{ id: 1n }] };
      await questions.promise;
      yield { verifications: [{ id: 2n }] };
    }
    const seen: bigint[] = [];
    for await (const { answers } of verification().verifyStream(ask(), as(goodKey))) {
      seen.push(...answers.map(({ id }) => id));
      questions.resolve();
    }
    expect(seen).toEqual([1n, 2n]);
  });

  test("an error in the middle of a stream arrives after what came before it", async () => {
    async function* ask() {
      yield { verifications: [{ id: 1n }, { id: 99n }] };
    }
    const seen: unknown[] = [];
    try {
      for await (const { answers } of verification().verifyStream(ask(), as(goodKey)))
        seen.push(answers[0]?.id);
    } catch (error) {
      seen.push(reasonOf(error));
    }
    expect(seen).toEqual([1n, "DEPENDENCY_UNAVAILABLE"]);
  });

  test("who goes away is gone for the service, too", async () => {
    const leave = new AbortController();
    async function* ask() {
      yield { verifications: [{ id: 1n }] };
      await new Promise(() => {});
    }
    const stream = verification().verifyStream(ask(), { ...as(goodKey), signal: leave.signal });
    const seen: unknown[] = [];
    const readAll = async () => {
      for await (const { answers } of stream) {
        seen.push(answers[0]?.id);
        leave.abort();
      }
    };
    await expect(readAll()).rejects.toMatchObject({ code: Code.Canceled });
    expect(seen).toEqual([1n]);
    await cancelled.promise;
  });
});

test("headers between neighbours, and what only the edge may say, do not go on", async () => {
  const response = await fetch(
    `${baseUrl(gateway)}/portcullis.credential.v1.VerificationService/VerifyToken`,
    {
      method: "POST",
      headers: {
        authorization: `Bearer ${goodKey}`,
        "content-type": "application/json",
        "x-forwarded-for": "203.0.113.7",
        "x-real-ip": "203.0.113.7",
        forwarded: "for=203.0.113.7",
        "x-portcullis-source": "203.0.113.7",
        "x-portcullis-passed-on-by": "forged",
        cookie: "a=b",
        "proxy-authorization": "Basic x",
        "x-request-id": "mine",
        "x-kept": "yes",
      },
      body: '{"token":"x"}',
    },
  );
  expect(await response.json()).toEqual({ verification: { evaluatedRevision: "7" } });
  const [headers] = service.received;
  expect(headers).toMatchObject({ "x-kept": "yes", authorization: `Bearer ${goodKey}`, te: "trailers" });
  expect(headers?.["x-request-id"]).toBe(response.headers.get("x-request-id"));
  const names = Object.keys(headers ?? {}).join(" ");
  expect(names).not.toMatch(/forwarded|real-ip|cookie|proxy-|connection/);
  // What the edge says itself.
  expect(headers?.["x-portcullis-source"]).toBe("127.0.0.1");
  expect(headers?.["x-portcullis-passed-on-by"]).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
});

test("a service that does not answer is given up, and told so", async () => {
  const client = createClient(
    VerificationService,
    createConnectTransport({ baseUrl: baseUrl(gateway), httpVersion: "1.1" }),
  );
  const error: unknown = await client
    .verifyToken({ token: "slow" }, as(goodKey))
    .catch((thrown: unknown) => thrown);
  expect(ConnectError.from(error).code).toBe(Code.DeadlineExceeded);
});
