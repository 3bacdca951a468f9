import { once } from "node:events";
import http2 from "node:http2";
import { Duplex } from "node:stream";
import { buffer } from "node:stream/consumers";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { gzipSync } from "node:zlib";
import { create, toBinary } from "@bufbuild/protobuf";
import { Server } from "@grpc/grpc-js";
import { GetAccountRequestSchema } from "@portcullis/contracts/portcullis/identity/v1/account_pb.ts";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createMetrics } from "../metrics.ts";
import { messageBytesMax } from "../server/limits.ts";
import type { RunningServer } from "../server/start-server.ts";
import { getAccountPath as path, shownMethod, shownSecurity } from "../testing/account-server.ts";
import { framedAs as framed, sendRaw } from "../testing/raw-request.ts";
import { resetInBody } from "../testing/reset-stream.ts";
import { shortWay } from "./short-way.ts";
import { startDataPlane } from "./start-data-plane.ts";

let server: RunningServer;
let answered = 0;
const lines: string[] = [];
/** By a name that is its own affair: where it has no such method any more, this fails. */
const byGrpcJs = vi.spyOn(Server.prototype as unknown as { _streamHandler(): void }, "_streamHandler");
beforeEach(async () => {
  byGrpcJs.mockClear();
  lines.splice(0);
  answered = 0;
  server = await startDataPlane({
    host: "127.0.0.1",
    port: 0,
    methods: [shownMethod(() => answered++)],
    security: shownSecurity(),
    log: pino({ level: "debug" }, { write: (line: string) => void lines.push(line) }),
    metrics: createMetrics("identity"),
    probe: async () => {},
  });
});
afterEach(() => server.close(0));

const message = (accountId = "") =>
  Buffer.from(toBinary(GetAccountRequestSchema, create(GetAccountRequestSchema, { accountId })));
const asked = (accountId: string) => [framed(message(accountId))];
const usualHeaders = { authorization: "Bearer root", "content-type": "application/grpc", te: "trailers" };

interface Case {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: readonly Uint8Array[];
}

async function send({ headers = {}, body = asked("acct_a") }: Case) {
  const sent: Record<string, string> = { ...usualHeaders, ...headers };
  if (sent["authorization"] === "") delete sent["authorization"];
  lines.splice(0);
  const answer = await sendRaw("2", server.port, { path, headers: sent, body });
  const told = lines.map((line) => {
    const { time: _time, ms: _ms, err, peer, ...rest } = JSON.parse(line);
    return { ...rest, err: err?.message, peer: String(peer) };
  });
  return { answer, told };
}

/** Says that what is compressed would be so: nothing is, but only grpc-js reads it then. */
const theLongWay = { "grpc-encoding": "gzip" };
const frame = framed(message("acct_in_pieces"));

describe("a usual call goes around grpc-js, and is answered and told of as by it", () => {
  test.each<[string, Case]>([
    ["now", {}],
    ["a body in pieces", { body: [frame.subarray(0, 2), frame.subarray(2, 7), frame.subarray(7)] }],
    ["an account that is named", { body: asked("acct_z") }],
    ["an answer that comes later", { body: asked("later") }],
    ["a large answer", { body: asked("large") }],
    ["a refusal", { body: asked("refused") }],
    ["a refusal that comes later", { body: asked("refused_later") }],
    ["a fault", { body: asked("fault") }],
    ["bytes that are no message", { body: [framed(Buffer.from([0xff, 0xff]))] }],
    ["a request that breaks a rule", { body: asked("x".repeat(65)) }],
    ["no credential", { headers: { authorization: "" } }],
    ["a credential that is known to be wrong", { headers: { authorization: "Bearer wrong" } }],
    ["a credential that is found to be wrong", { headers: { authorization: "Bearer unknown" } }],
    ["a caller that may not", { headers: { authorization: "Bearer bob" } }],
    ["the longer content type", { headers: { "content-type": "application/grpc+proto" } }],
    ["a deadline", { headers: { "grpc-timeout": "5S" } }],
    ["a deadline that passes", { headers: { "grpc-timeout": "50m" }, body: asked("too_late") }],
  ])("%s", async (_name, one) => {
    const short = await send(one);
    expect(byGrpcJs).not.toHaveBeenCalled();
    const long = await send({ ...one, headers: { ...one.headers, ...theLongWay } });
    expect(byGrpcJs).toHaveBeenCalledTimes(1);
    expect(short).toEqual(long);
  });
});

describe("what is not usual goes to grpc-js as it came", () => {
  test.each<[string, Case]>([
    ["a compressed message", { headers: theLongWay, body: [framed(gzipSync(message("acct_a")), 1)] }],
    ["an unknown flag", { body: [framed(message("acct_a"), 2)] }],
    ["two messages", { body: [framed(message()), framed(message())] }],
    ["bytes after the message", { body: [framed(message()), Buffer.from([0])] }],
    ["a length that is too large", { body: [framed(message("acct_a"), 0, messageBytesMax + 1)] }],
    ["no body", { body: [] }],
    ["a deadline that is none", { headers: { "grpc-timeout": "5s" } }],
    ["another content type", { headers: { "content-type": "text/plain" } }],
  ])("%s", async (_name, one) => {
    const { answer } = await send(one);
    expect(byGrpcJs).toHaveBeenCalledTimes(1);
    const { answer: again } = await send({ ...one, headers: { ...theLongWay, ...one.headers } });
    expect(answer).toEqual(again);
  });
});

test("a message said to be compressed, by nothing, goes to grpc-js", async () => {
  await send({ body: [framed(message("acct_a"), 1)] });
  expect(byGrpcJs).toHaveBeenCalledTimes(1);
});

test.each([
  ["half a prefix", [Buffer.from([0, 0])]],
  ["half a message", [framed(message("acct_a"), 0, 100)]],
])("%s is no message", async (_name, body) => {
  const short = await send({ body });
  const long = await send({ body, headers: theLongWay });
  const statusOf = ({ answer }: typeof short) => answer.headers["grpc-status"];
  expect(statusOf(short)).toBe("12");
  expect(statusOf(long)).toBe(statusOf(short));
  expect(answered).toBe(0);
});

test("a call that is reset in the middle of its body is not begun, and others are answered", async () => {
  const { NGHTTP2_CANCEL, NGHTTP2_NO_ERROR } = http2.constants;
  for (const code of [NGHTTP2_CANCEL, NGHTTP2_NO_ERROR]) {
    await resetInBody(server.port, { ":path": path, ...usualHeaders }, frame, code);
  }
  await send({});
  expect(answered).toBe(1);
});

test("a call that waits ends when its caller goes away", async () => {
  const session = http2.connect(`http://127.0.0.1:${server.port}`);
  const stream = session.request({ ":method": "POST", ":path": path, ...usualHeaders });
  stream.on("error", () => {});
  stream.end(framed(message("too_late")));
  await expect.poll(() => answered).toBe(1);
  stream.close(http2.constants.NGHTTP2_CANCEL);
  await expect.poll(() => lines.join("")).toContain(`"code":"Canceled"`);
  session.destroy();
});

test("a call whose message never comes is told when its deadline passes", async () => {
  const session = http2.connect(`http://127.0.0.1:${server.port}`);
  const stream = session.request({
    ":method": "POST",
    ":path": path,
    ...usualHeaders,
    "grpc-timeout": "50m",
  });
  stream.write(frame.subarray(0, 7));
  const [headers] = await once(stream, "response");
  expect(headers["grpc-status"]).toBe("4");
  stream.end();
  await buffer(stream);
  session.destroy();
  expect(answered).toBe(0);
});

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");

test("what comes after the answer is not kept: it may have no end", async () => {
  const kept: WeakRef<Buffer>[] = [];
  const collect = async () => {
    await new Promise((resolve) => setImmediate(resolve));
    collectGarbage();
    return kept.filter((chunk) => chunk.deref() !== undefined).length;
  };
  const stream = new FakeStream();
  const serve = shortWay(new Map([[path, () => expect.fail("nothing is to be served")]]), expect.fail);
  serve(stream as never, { ":method": "POST", ":path": path, ...usualHeaders, "grpc-timeout": "1m" });
  stream.push(framed(Buffer.alloc(10), 0, messageBytesMax).subarray(0, 7));
  await once(stream, "answered");
  for (let count = 0; count < 100; count++) {
    const chunk = Buffer.alloc(16_384);
    kept.push(new WeakRef(chunk));
    stream.push(chunk);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await expect.poll(collect).toBeLessThan(10);
  expect(stream.destroyed).toBe(false);
});

/** As much of a stream of HTTP/2 as is answered while more comes. */
class FakeStream extends Duplex {
  readonly endAfterHeaders = false;

  override _read(): void {}

  override _write(_chunk: unknown, _encoding: string, done: () => void): void {
    done();
  }

  respond(): void {
    this.emit("answered");
  }
}
