import { once } from "node:events";
import http from "node:http";
import http2 from "node:http2";
import { buffer } from "node:stream/consumers";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  GetAccountRequestSchema,
  GetAccountResponseSchema,
} from "@portcullis/contracts/portcullis/identity/v1/account_pb.ts";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { getAccountPath as path, type ShownServer, startShown } from "../../testing/account-server.ts";
import { resetInBody } from "../../testing/reset-stream.ts";

const message = (accountId: string) =>
  Buffer.from(toBinary(GetAccountRequestSchema, create(GetAccountRequestSchema, { accountId })));
const accountIn = (bytes: Buffer) => fromBinary(GetAccountResponseSchema, bytes).account?.accountId;
const headers = { authorization: "Bearer root", "content-type": "application/proto" };
/** Tells when the server has the request. */
const toBeTold = { expect: "100-continue" };
const { NGHTTP2_CANCEL, NGHTTP2_NO_ERROR } = http2.constants;

describe.each([
  ["both ways", true],
  ["Connect alone", false],
])("where calls go %s", (_name, isShort) => {
  let server: ShownServer;
  let session: http2.ClientHttp2Session;
  beforeEach(async () => {
    server = await startShown(isShort);
    session = http2.connect(`http://127.0.0.1:${server.running.port}`);
  });
  afterEach(async () => {
    session.destroy();
    await server.running.close(0);
  });

  const begin = (more: Record<string, string> = {}) =>
    session.request({ ":method": "POST", ":path": path, ...headers, ...more });
  const begin1 = (agent?: http.Agent, more = {}) =>
    http.request({
      host: "127.0.0.1",
      port: server.running.port,
      method: "POST",
      path,
      headers: { ...headers, ...more },
      ...(agent && { agent }),
    });
  const ask = async (accountId: string) => {
    const stream = begin();
    stream.end(message(accountId));
    return accountIn(await buffer(stream));
  };
  const totalAnswered = () => server.answered.bytes + server.answered.routes;

  test.each([NGHTTP2_CANCEL, NGHTTP2_NO_ERROR])(
    "one that is reset in the middle of its body (%d) is not begun, and others are answered",
    async (code) => {
      const { port } = server.running;
      await resetInBody(port, { ":path": path, ...headers }, message("acct_cut"), code);
      expect(await ask("acct_a")).toBe("acct_a");
      expect(totalAnswered()).toBe(1);
    },
  );

  test("one whose connection is lost in the middle of its body is not begun, and others are answered", async () => {
    const request = begin1(undefined, { ...toBeTold, "content-length": "100" });
    request.on("error", () => {});
    request.write(message("acct_cut"));
    await once(request, "continue");
    request.destroy();
    expect(await ask("acct_a")).toBe("acct_a");
    expect(totalAnswered()).toBe(1);
  });

  test("one that says to be too large is refused before it comes", async () => {
    const tooLarge = Buffer.from([0, 0xff, 0xff, 0xff, 0xff]);
    for (const [more, body] of [
      [{ "content-length": "5000000" }, Buffer.alloc(1)],
      [{ "content-type": "application/grpc" }, tooLarge],
    ] as const) {
      const stream = begin(more);
      stream.write(body);
      const ended = buffer(stream);
      const trailers = new Promise((resolve) => stream.once("trailers", resolve));
      const [head]: http2.IncomingHttpHeaders[] = await once(stream, "response");
      if (String(head?.[":status"]) === "200") expect(await trailers).toMatchObject({ "grpc-status": "8" });
      else expect((await ended).toString()).toContain("resource_exhausted");
      stream.on("error", () => {});
      stream.destroy();
    }
    expect(totalAnswered()).toBe(0);
  });

  test("one that waits ends when its caller goes away, and is told of as cancelled", async () => {
    const stream = begin();
    stream.on("error", () => {});
    stream.end(message("too_late"));
    await expect.poll(totalAnswered).toBe(1);
    stream.close(NGHTTP2_CANCEL);
    await expect.poll(() => server.lines.join("")).toContain(`"code":"Canceled","reason":"CANCELLED"`);
  });

  test("one that is on its way when a shutdown begins is answered", async () => {
    const bytes = message("acct_late");
    const stream = begin();
    stream.write(bytes.subarray(0, 3));
    const request = begin1(undefined, toBeTold);
    const answered = once(request, "response");
    request.write(bytes.subarray(0, 3));
    await once(request, "continue");
    await ask("acct_a");
    const closed = server.running.close(20_000);
    stream.end(bytes.subarray(3));
    request.end(bytes.subarray(3));
    expect(accountIn(await buffer(stream))).toBe("acct_late");
    const [response]: http.IncomingMessage[] = await answered;
    expect(accountIn(await buffer(response ?? expect.fail()))).toBe("acct_late");
    await closed;
  });

  test("those of one connection of HTTP/1.1 follow each other, whatever they are like", async () => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const ports = new Set<number | undefined>();
    for (const more of [{}, { "connect-timeout-ms": "0" }, {}, { "content-encoding": "identity" }, {}]) {
      for (const accountId of ["acct_a", "later"]) {
        const request = begin1(agent, more);
        request.end(message(accountId));
        const [response]: http.IncomingMessage[] = await once(request, "response");
        ports.add(response?.socket.localPort);
        expect(accountIn(await buffer(response ?? expect.fail()))).toBe(accountId);
      }
    }
    expect(ports.size).toBe(1);
    agent.destroy();
  });
});
