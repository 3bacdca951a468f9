// Requests that are broken, huge, slow or sly: always the product's own JSON error, and never a hang.

import { once } from "node:events";
import http2 from "node:http2";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ServiceProcess } from "../../e2e/support/service-process.ts";
import { type Edge, startEdge } from "../support/edge.ts";
import { exchangeRaw, parseAnswer } from "../support/raw-http.ts";
import { RestClient } from "../support/rest-client.ts";

let edge: Edge;
let gateway: ServiceProcess;
let rest: RestClient;
beforeAll(async () => {
  edge = await startEdge();
  gateway = await edge.startGateway({ BODY_TIMEOUT_MS: "500", BODY_BYTES_MAX: "20000" });
  rest = new RestClient(gateway.url, edge.installation.apiKey);
});
afterAll(async () => {
  await gateway.stop();
  await edge[Symbol.asyncDispose]();
});

const head = (line: string, ...headers: string[]) =>
  [
    `${line} HTTP/1.1`,
    "host: x",
    `authorization: Bearer ${edge.installation.apiKey}`,
    "ngrok-version: 2",
    ...headers,
    "",
    "",
  ].join("\r\n");
const json = "content-type: application/json";
const close = "connection: close";
const ask = async (...parts: (string | Buffer)[]) => parseAnswer(await exchangeRaw(gateway.port, parts));
const isError = (status: number, code: string | undefined) => ({
  status,
  body: {
    status_code: status,
    ...(code === undefined ? {} : { error_code: code }),
    msg: expect.any(String),
    details: expect.objectContaining({ operation_id: expect.stringMatching(/^op_[0-9A-Za-z]{27}$/) }),
  },
});

describe("routes", () => {
  test.each([
    ["GET", "/"],
    ["GET", "/nope"],
    ["GET", "/api_keys/"],
    ["GET", "//api_keys"],
    ["GET", "/api_keys/a/b"],
    ["GET", "/API_KEYS"],
    ["PUT", "/api_keys"],
    ["DELETE", "/api_keys"],
    ["PATCH", "/service_users"],
    ["POST", "/api_keys/ak_0ujtsYcgvSTl8PAuAdqWYSMnLOv"],
    ["OPTIONS", "/api_keys"],
    ["GET", "/portcullis.identity.v1.UserService/Nope"],
    ["POST", "/portcullis.enforcement.v1.PrincipalEnforcementService/ApplyPrincipal"],
    ["POST", "/portcullis.identity.v1.InstallationService/BootstrapInstallation"],
  ])("%s %s is not found, whatever is accepted", async (method, path) => {
    const answer = await rest.call(method, path, { headers: { accept: "text/html" } });
    expect(answer.status).toBe(404);
    expect(answer.headers.get("content-type")).toBe("application/json");
    expect(answer.body).toEqual({
      status_code: 404,
      msg: "Not Found",
      details: { operation_id: answer.headers.get("x-request-id"), path },
    });
  });

  test("an error is JSON for a browser, too", async () => {
    const answer = await rest.call("GET", "/api_keys", {
      headers: { accept: "text/html,application/xhtml+xml", authorization: undefined },
    });
    expect(answer.headers.get("content-type")).toBe("application/json");
    expect(answer.body.error_code).toBe("ERR_NGROK_200");
  });
});

describe("content types", () => {
  const post = (type: string | undefined, body: string | Uint8Array = "{}") =>
    fetch(`${gateway.url}/api_keys`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${edge.installation.apiKey}`,
        "ngrok-version": "2",
        ...(type === undefined ? {} : { "content-type": type }),
      },
      body: typeof body === "string" ? Buffer.from(body) : Buffer.from(body),
    });
  test.each<[string | undefined, number]>([
    ["application/json", 201],
    ["application/json; charset=utf-8", 201],
    ['Application/JSON;charset="UTF-8"', 201],
    [undefined, 415],
    ["text/plain", 415],
    ["application/x-www-form-urlencoded", 415],
    ["application/json; charset=latin1", 415],
    ["application/jsonx", 415],
  ])("%s", async (type, status) => {
    expect((await post(type)).status).toBe(status);
  });

  test("bytes that are no UTF-8 are no JSON", async () => {
    const answer = await post("application/json", Buffer.from([0x22, 0xff, 0x22]));
    expect(await answer.json()).toMatchObject({ error_code: "ERR_NGROK_213" });
  });

  test("a request without a body may say a type all the same, as clients do", async () => {
    const headers = { "content-type": "application/json" };
    expect((await rest.call("GET", "/api_keys", { headers })).status).toBe(200);
  });
});

describe("bodies", () => {
  test("one where none is expected", async () => {
    expect(await ask(head("GET /api_keys", json, close, "content-length: 2"), "{}")).toMatchObject(
      isError(400, "ERR_NGROK_211"),
    );
    const chunked = head("DELETE /api_keys/x", json, close, "transfer-encoding: chunked");
    expect(await ask(chunked, "2\r\n{}\r\n0\r\n\r\n")).toMatchObject(isError(400, "ERR_NGROK_211"));
    expect(await ask(head("GET /api_keys", close, "transfer-encoding: chunked"), "0\r\n\r\n")).toMatchObject({
      status: 200,
    });
  });

  test("one that says it is huge is refused at once", async () => {
    const announced = head("POST /api_keys", json, close, "content-length: 1000000000");
    expect(await ask(announced)).toMatchObject(isError(413, "ERR_PORTCULLIS_BODY_TOO_LARGE"));
  });

  test("one that turns out to be huge is refused on the way", async () => {
    const chunk = `8000\r\n${"x".repeat(0x8000)}\r\n`;
    const answer = await ask(head("POST /api_keys", json, close, "transfer-encoding: chunked"), chunk, chunk);
    expect(answer).toMatchObject(isError(413, "ERR_PORTCULLIS_BODY_TOO_LARGE"));
  });

  test("one that does not come is not waited for", async () => {
    const answer = await ask(head("POST /api_keys", json, "content-length: 20"), '{"descr');
    expect(answer).toMatchObject(isError(408, "ERR_PORTCULLIS_BODY_TOO_SLOW"));
  });

  test("a compressed one is not unpacked", async () => {
    const packed = head("POST /api_keys", json, close, "content-encoding: gzip", "content-length: 2");
    expect(await ask(packed, "{}")).toMatchObject(isError(415, "ERR_NGROK_210"));
  });

  test("over HTTP/2 the same holds: huge, slow, unexpected", async () => {
    const session = http2.connect(gateway.url);
    const call = async (method: string, chunks: readonly Buffer[], ends: boolean) => {
      const stream = session.request(
        {
          ":method": method,
          ":path": "/api_keys",
          authorization: `Bearer ${edge.installation.apiKey}`,
          "ngrok-version": "2",
          "content-type": "application/json",
        },
        { endStream: false },
      );
      stream.on("error", () => {});
      for (const chunk of chunks) stream.write(chunk);
      if (ends) stream.end();
      let text = "";
      stream.on("data", (chunk: Buffer) => (text += chunk.toString()));
      const [headers] = await once(stream, "response");
      await once(stream, "end");
      stream.close();
      return { status: Number(headers[":status"]), body: JSON.parse(text) as Record<string, unknown> };
    };
    expect(await call("POST", [Buffer.alloc(15_000), Buffer.alloc(15_000)], false)).toMatchObject(
      isError(413, "ERR_PORTCULLIS_BODY_TOO_LARGE"),
    );
    expect(await call("POST", [Buffer.from("{")], false)).toMatchObject(
      isError(408, "ERR_PORTCULLIS_BODY_TOO_SLOW"),
    );
    expect(await call("GET", [Buffer.from("{}")], true)).toMatchObject(isError(400, "ERR_NGROK_211"));
    expect(await call("GET", [], true)).toMatchObject({ status: 200 });
    session.close();
  });
});

describe("what is hardly HTTP", () => {
  test.each<[string, string, number]>([
    ["a control character in a header", `GET / HTTP/1.1\r\nhost: x\r\nx-a: b\u0001c\r\n\r\n`, 400],
    ["a line break in a header", `GET / HTTP/1.1\r\nhost: x\r\nx-a: b\nx-b\u0000: c\r\n\r\n`, 400],
    ["no HTTP", "hello\r\n\r\n", 400],
    ["two lengths", "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nx", 400],
    [
      "length and chunks",
      "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n",
      400,
    ],
    ["a huge header", `GET / HTTP/1.1\r\nhost: x\r\nx-a: ${"x".repeat(40_000)}\r\n\r\n`, 431],
    ["a target that is none", "GET foo HTTP/1.1\r\nhost: x\r\n\r\n", 400],
    ["a host that is none", "GET / HTTP/1.1\r\nhost: a b\r\nconnection: close\r\n\r\n", 400],
    ["no host", "GET / HTTP/1.1\r\nconnection: close\r\n\r\n", 400],
    [
      "another server's URL",
      "GET http://elsewhere.test/api_keys HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
      400,
    ],
    ["the server as a whole", "OPTIONS * HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n", 400],
    ["an expectation", `GET /nope HTTP/1.1\r\nhost: x\r\nexpect: miracles\r\nconnection: close\r\n\r\n`, 404],
  ])("%s", async (_, text, status) => {
    const answer = await ask(text);
    expect(answer.head.toLowerCase()).toContain("content-type: application/json");
    expect(answer).toMatchObject(
      isError(
        status,
        status === 400 && "error_code" in answer.body ? (expect.any(String) as unknown as string) : undefined,
      ),
    );
    expect(JSON.stringify(answer.body)).not.toMatch(/\bat \/|node_modules|Error:/);
  });

  test("a header that never ends is not waited for", async () => {
    const answer = await ask("GET /api_keys HTTP/1.1\r\nhost: x\r\nx-a");
    expect(answer).toMatchObject(isError(408, undefined));
  }, 30_000);

  test("bad chunks end the request", async () => {
    const text = await exchangeRaw(gateway.port, [
      head("POST /api_keys", json, "transfer-encoding: chunked"),
      "zz\r\n",
    ]);
    expect(parseAnswer(text)).toMatchObject({ status: 400 });
  });

  test("nothing of a request can become a header of the answer", async () => {
    const answer = await rest.call("GET", "/%0d%0aset-cookie:%20a=b");
    expect(answer.status).toBe(404);
    expect(answer.headers.get("set-cookie")).toBeNull();
  });
});

test("the gateway has survived all of this, its log has an operation's id for each, and no secret", async () => {
  expect((await rest.get("/api_keys")).status).toBe(200);
  const answer = await rest.get("/api_keys/nonsense");
  const operationId = answer.headers.get("x-request-id") ?? "";
  await expect.poll(() => gateway.log.join("\n")).toContain(operationId);
  const line = gateway.log.find((text) => text.includes(operationId)) ?? "";
  expect(JSON.parse(line)).toMatchObject({
    operationId,
    method: "GET",
    route: "/api_keys/{id}",
    status: 404,
    code: "ERR_NGROK_222",
    account: expect.stringMatching(/^acct_/),
    source: "127.0.0.1",
  });
  const log = gateway.log.join("\n");
  expect(log).not.toContain(edge.installation.apiKey);
  expect(log).not.toMatch(/"level":(50|60)/);
});
