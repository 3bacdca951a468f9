import { gzipSync } from "node:zlib";
import { create, toBinary } from "@bufbuild/protobuf";
import { GetAccountRequestSchema } from "@portcullis/contracts/portcullis/identity/v1/account_pb.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { delimited, toBuffer } from "../../data-plane/bytes.ts";
import { getAccountPath as path, type ShownServer, startShown } from "../../testing/account-server.ts";
import { testWorkloadToken } from "../../testing/index.ts";
import { framedAs as framed, type RawAnswer, type RawRequest, sendRaw } from "../../testing/raw-request.ts";
import { messageBytesMax } from "../limits.ts";

let short: ShownServer;
let long: ShownServer;
let servers: readonly ShownServer[];
let workload: string;
beforeAll(async () => {
  short = await startShown(true);
  long = await startShown(false);
  servers = [short, long];
  workload = await testWorkloadToken("credential", "identity");
});
afterAll(() => Promise.all(servers.map(({ running }) => running.close(0))));

const message = (accountId = "") =>
  Buffer.from(toBinary(GetAccountRequestSchema, create(GetAccountRequestSchema, { accountId })));

interface Case {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: readonly Uint8Array[];
  readonly method?: string;
  /** Who answers: the data plane's method, the routes, or nobody. */
  readonly by?: "bytes" | "routes" | "nobody";
}

interface Way {
  readonly version: "1.1" | "2";
  readonly headers: Readonly<Record<string, string>>;
  wrap(bytes: Uint8Array): Buffer;
  readonly cases: Readonly<Record<string, Case>>;
}

const cut = (bytes: Buffer) => [bytes.subarray(0, 2), bytes.subarray(2, 7), bytes.subarray(7)];
const byBytes = { by: "bytes" } as const;
const byRoutes = { by: "routes" } as const;
const byNobody = { by: "nobody" } as const;
/** A message with an unknown field, a byte larger than allowed. */
const tooLarge = toBuffer(delimited("\x7a", "\0".repeat(messageBytesMax - 4)));
const notAMessage = Buffer.from([0xff, 0xff]);

/** What all protocols have. */
const shared = (wrap: Way["wrap"], usual: Case): Way["cases"] => ({
  "a usual call": usual,
  "a body in pieces": { ...usual, body: cut(wrap(message("acct_in_pieces"))) },
  "an account that is named": { ...usual, body: [wrap(message("acct_z"))] },
  "an answer that comes later": { ...usual, body: [wrap(message("later"))] },
  "a refusal": { ...usual, body: [wrap(message("refused"))] },
  "a refusal that comes later": { ...usual, body: [wrap(message("refused_later"))] },
  "a fault": { ...usual, body: [wrap(message("fault"))] },
  "a large answer": { ...usual, body: [wrap(message("large"))] },
  "a request that breaks a rule": {
    ...byNobody,
    body: [wrap(message("x".repeat(65)))],
  },
  "bytes that are no message": { ...byNobody, body: [wrap(notAMessage)] },
  "bytes that are no message, of nobody": {
    ...byNobody,
    body: [wrap(notAMessage)],
    headers: { authorization: "" },
  },
  "a message that is too large": { ...byNobody, body: [wrap(tooLarge)] },
  "a request id that is not harmless": { ...usual, headers: { "x-request-id": "a b" } },
  "no credential": { ...byNobody, headers: { authorization: "" } },
  "a credential that is known to be wrong": { ...byNobody, headers: { authorization: "Bearer wrong" } },
  "a credential that is found to be wrong": { ...byNobody, headers: { authorization: "Bearer unknown" } },
  "a caller that may not": { ...byNobody, headers: { authorization: "Bearer bob" } },
  "a foreign account": {
    ...byNobody,
    headers: { authorization: "Bearer bob" },
    body: [wrap(message("acct_z"))],
  },
  "a service that may not": { ...byNobody, headers: { authorization: "Bearer workload" } },
  "a source, with no proof": { ...byRoutes, headers: { "x-portcullis-source": "192.0.2.1" } },
  "a query": { ...byRoutes, headers: { "x-query": "?a=b" } },
  "another content type": { ...byNobody, headers: { "content-type": "text/plain" } },
  "another method": { ...byNobody, method: "PUT" },
});

const connectHeaders = { "content-type": "application/proto", "connect-protocol-version": "1" };
const asIs = (bytes: Uint8Array) => Buffer.from(bytes);
const connectCases: Way["cases"] = {
  ...shared(asIs, byBytes),
  "an empty body": { ...byBytes, body: [] },
  "a length that is said": { ...byBytes, headers: { "content-length": String(message("acct_a").length) } },
  "a timeout": { ...byBytes, headers: { "connect-timeout-ms": "5000" } },
  "a timeout of nothing": { ...byRoutes, headers: { "connect-timeout-ms": "0" } },
  "a timeout that is none": { ...byNobody, headers: { "connect-timeout-ms": "soon" } },
  "an empty timeout": { ...byNobody, headers: { "connect-timeout-ms": "" } },
  "a timeout that passes": {
    ...byBytes,
    headers: { "connect-timeout-ms": "50" },
    body: [message("too_late")],
  },
  "gzip is accepted": { ...byBytes, headers: { "accept-encoding": "gzip, br" } },
  "gzip is accepted, of a large answer": {
    ...byBytes,
    headers: { "accept-encoding": "gzip" },
    body: [message("large")],
  },
  "br is accepted, of a large answer": {
    ...byBytes,
    headers: { "accept-encoding": "zstd, br" },
    body: [message("large")],
  },
  "nothing known is accepted": {
    ...byBytes,
    headers: { "accept-encoding": "zstd" },
    body: [message("large")],
  },
  "a compressed request": {
    ...byRoutes,
    headers: { "content-encoding": "gzip" },
    body: [gzipSync(message("acct_a"))],
  },
  "a request compressed by what is not known": { ...byNobody, headers: { "content-encoding": "zstd" } },
  "a request compressed by nothing": { ...byRoutes, headers: { "content-encoding": "identity" } },
  JSON: {
    ...byRoutes,
    headers: { "content-type": "application/json" },
    body: [Buffer.from(`{"accountId":"acct_a"}`)],
  },
  "an error for who asks in JSON": {
    ...byRoutes,
    headers: { "content-type": "application/json" },
    body: [Buffer.from(`{"accountId":"refused"}`)],
  },
};

const grpcHeaders = { "content-type": "application/grpc", te: "trailers" };
const grpcCases = (usual: Case): Way["cases"] => ({
  ...shared(framed, usual),
  "the longer content type": { ...usual, headers: { "content-type": "application/grpc+proto" } },
  "no body": { ...byNobody, body: [] },
  "two messages": { ...byNobody, body: [framed(message()), framed(message())] },
  "bytes after the message": { ...byNobody, body: [framed(message()), Buffer.from([0])] },
  "half a prefix": { ...byNobody, body: [Buffer.from([0, 0])] },
  "half a message": { ...byNobody, body: [framed(message("acct_a"), 0, 100)] },
  "a length that is too large": { ...byNobody, body: [framed(message("acct_a"), 0, messageBytesMax + 1)] },
  "an unknown flag": { ...byRoutes, body: [framed(message("acct_a"), 2)] },
  "the flag of compression, without one": { ...byNobody, body: [framed(message("acct_a"), 1)] },
  "a compressed message": {
    ...byRoutes,
    headers: { "grpc-encoding": "gzip" },
    body: [framed(gzipSync(message("acct_a")), 1)],
  },
  "a message compressed by what is not known": { ...byNobody, headers: { "grpc-encoding": "zstd" } },
  "gzip is accepted": { ...usual, headers: { "grpc-accept-encoding": "identity,deflate,gzip" } },
  "gzip is accepted, of a large answer": {
    ...usual,
    headers: { "grpc-accept-encoding": "gzip" },
    body: [framed(message("large"))],
  },
  "a timeout": { ...usual, headers: { "grpc-timeout": "5S" } },
  "a timeout of nothing": { ...byRoutes, headers: { "grpc-timeout": "0S" } },
  "a timeout that is none": { ...byNobody, headers: { "grpc-timeout": "5s" } },
  "an empty timeout": { ...byNobody, headers: { "grpc-timeout": "" } },
  "a timeout that passes": {
    ...usual,
    headers: { "grpc-timeout": "50m" },
    body: [framed(message("too_late"))],
  },
  JSON: {
    ...byRoutes,
    headers: { "content-type": "application/grpc+json" },
    body: [framed(Buffer.from("{}"))],
  },
});

const ways: Record<string, Way> = {
  "Connect over HTTP/2": { version: "2", headers: connectHeaders, wrap: asIs, cases: connectCases },
  "Connect over HTTP/1.1": { version: "1.1", headers: connectHeaders, wrap: asIs, cases: connectCases },
  "gRPC over HTTP/2": { version: "2", headers: grpcHeaders, wrap: framed, cases: grpcCases(byBytes) },
  "gRPC over HTTP/1.1": { version: "1.1", headers: grpcHeaders, wrap: framed, cases: grpcCases(byRoutes) },
  "gRPC-Web": {
    version: "1.1",
    headers: { "content-type": "application/grpc-web+proto" },
    wrap: framed,
    cases: shared(framed, byRoutes),
  },
};

function requestOf({ headers, wrap }: Way, { body, method, headers: more = {} }: Case): RawRequest {
  const all: Record<string, string> = {
    authorization: "Bearer root",
    "x-request-id": "the-id",
    ...headers,
    ...more,
  };
  const { "x-query": query = "", ...sent } = all;
  if (sent["authorization"] === "Bearer workload") sent["authorization"] = `Bearer ${workload}`;
  if (sent["authorization"] === "") delete sent["authorization"];
  return {
    path: path + query,
    headers: sent,
    body: body ?? [wrap(message("acct_a"))],
    ...(method && { method }),
  };
}

/** What the server did and told of one request. */
async function observed({ running, lines, answered, counts }: ShownServer, way: Way, one: Case) {
  const [before, linesBefore] = [{ ...answered }, lines.length];
  const countsBefore = new Set((await counts()).split("\n"));
  const answer = withoutNewId(await sendRaw(way.version, running.port, requestOf(way, one)));
  const told = lines.slice(linesBefore).map((line) => {
    const { time: _time, ms: _ms, err, requestId, ...rest } = JSON.parse(line);
    return { ...rest, err: err?.message, requestId: requestId === "the-id" ? requestId : "new" };
  });
  const by = answered.bytes > before.bytes ? "bytes" : answered.routes > before.routes ? "routes" : "nobody";
  const counted = (await counts()).split("\n").filter((line) => !countsBefore.has(line));
  return { answer, told, by, counted: counted.map((line) => line.replace(/ \d+$/, "")) };
}

function withoutNewId(answer: RawAnswer): RawAnswer {
  const text = JSON.stringify(answer).replaceAll(/[\da-f]{8}-[\da-f-]{27}/g, "new");
  return JSON.parse(text);
}

describe.each(Object.keys(ways))("both ways say the same, in all they send, log and count: %s", (name) => {
  const way = ways[name] ?? expect.fail();
  test.each(Object.keys(way.cases))("%s", async (title) => {
    const one = way.cases[title] ?? expect.fail();
    const ours = await observed(short, way, one);
    const { by: _, ...theirs } = await observed(long, way, one);
    const { by, ...rest } = ours;
    expect(rest).toEqual(theirs);
    expect(by).toBe(one.by);
  });
});
