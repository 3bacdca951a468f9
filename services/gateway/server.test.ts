import net from "node:net";
import { text as textOf } from "node:stream/consumers";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import {
  Health,
  HealthCheckResponse_ServingStatus as Status,
} from "@portcullis/contracts/grpc/health/v1/health_pb.ts";
import {
  ServiceUserService,
  ServiceUserState,
} from "@portcullis/contracts/portcullis/identity/v1/service_user_pb.ts";
import type { RunningServer } from "@portcullis/service";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { addressList } from "./config.ts";
import { toPublicId } from "./rest/ngrok/ids.ts";
import { receiptKeysPath } from "./rpc/receipt-keys.ts";
import type { GatewayServerOptions } from "./server.ts";
import { type FakeService, startFakeService } from "./testing/fake-service.ts";
import { accountId, goodKey, startTestGateway, type TestLimits } from "./testing/start-gateway.ts";

let service: FakeService;
/** Calls wait here while a test holds them. */
let held: PromiseWithResolvers<void> | undefined;
const reached: (() => void)[] = [];
const running: RunningServer[] = [];
beforeAll(async () => {
  service = await startFakeService((router) => {
    router.service(ServiceUserService, {
      async getServiceUser() {
        for (const tell of reached.splice(0)) tell();
        await held?.promise;
        return {
          serviceUser: {
            serviceUserId: "svc_01h455vb4pex5vsknk084sn02q",
            name: "bot",
            state: ServiceUserState.ACTIVE,
            createTime: { seconds: 1_700_000_000n },
          },
        };
      },
    });
  });
});
afterEach(async () => {
  held?.resolve();
  held = undefined;
  await Promise.all(running.splice(0).map((server) => server.close(0)));
});
afterAll(() => service[Symbol.asyncDispose]());

async function start(limits?: TestLimits, options?: Partial<GatewayServerOptions>): Promise<string> {
  const urls = { identity: service.url, authorization: service.url, credential: service.url };
  const server = await startTestGateway(urls, limits, options);
  running.push(server);
  return `http://127.0.0.1:${server.port}`;
}

const ownPath = `/service_users/${toPublicId("service", "svc_01h455vb4pex5vsknk084sn02q")}`;
const headers = { authorization: `Bearer ${goodKey}`, "ngrok-version": "2" };
const read = (url: string, more: Record<string, string> = {}) =>
  fetch(`${url}${ownPath}`, { headers: { ...headers, ...more } });
const codeOf = async (response: Response) => {
  const body: unknown = await response.json();
  return typeof body === "object" && body !== null && "error_code" in body ? body.error_code : "none";
};

test("the services learn by what program they are asked, which last uses are shown with", async () => {
  const url = await start();
  service.received.splice(0);
  await read(url, { "user-agent": "terraform/1.9" });
  expect(service.received.map((received) => received["user-agent"])).toContain("terraform/1.9");
});

test("an answer is one object, in time to the second, that nobody keeps", async () => {
  const response = await read(await start());
  expect(Object.fromEntries(response.headers)).toMatchObject({
    "content-type": "application/json",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "x-request-id": expect.stringMatching(/^op_/),
  });
  expect(await response.json()).toMatchObject({ active: true, created_at: "2023-11-14T22:13:20Z" });
});

test("an account that asks too often is told when to come back, and what is refused does not count", async () => {
  const url = await start({ accountMax: 3 });
  const statuses = [];
  for (let request = 0; request < 6; request++) statuses.push((await read(url)).status);
  expect(statuses).toEqual([200, 200, 200, 429, 429, 429]);
  const refused = await read(url);
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(await codeOf(refused)).toBe("ERR_NGROK_226");
});

test("a source that guesses is shut out before anybody is asked", async () => {
  const url = await start({ sourceMax: 2 });
  const guess = () => read(url, { authorization: "Bearer pcak_wrong" });
  expect([await codeOf(await guess()), await codeOf(await guess())]).toEqual([
    "ERR_NGROK_203",
    "ERR_NGROK_203",
  ]);
  expect(await codeOf(await guess())).toBe("ERR_NGROK_226");
  expect(await codeOf(await read(url))).toBe("ERR_NGROK_226");
});

test("sources behind our own proxies are told apart; of others nothing is believed", async () => {
  const behind = await start(
    { sourceMax: 1 },
    { trustedProxies: addressList(["127.0.0.0/8", "10.0.0.0/8"]) },
  );
  const from = (url: string, forwarded: string) => read(url, { "x-forwarded-for": forwarded });
  expect((await from(behind, "203.0.113.1")).status).toBe(200);
  expect((await from(behind, "198.51.100.9, 203.0.113.2, 10.1.1.1")).status).toBe(200);
  expect((await from(behind, "1.2.3.4, 203.0.113.1")).status).toBe(429);
  expect((await from(behind, "2001:db8:1:2:3::4")).status).toBe(200);
  expect((await from(behind, "2001:db8:1:2::5")).status).toBe(429);
  const open = await start({ sourceMax: 1 });
  expect((await from(open, "203.0.113.1")).status).toBe(200);
  expect((await from(open, "203.0.113.2")).status).toBe(429);
});

test("an account has only so many requests at once, and more when one has ended", async () => {
  const url = await start({ accountAtOnce: 1 });
  held = Promise.withResolvers();
  const isReached = new Promise<void>((resolve) => reached.push(resolve));
  const first = read(url);
  await isReached;
  expect(await codeOf(await read(url))).toBe("ERR_NGROK_225");
  held.resolve();
  expect((await first).status).toBe(200);
  expect((await read(url)).status).toBe(200);
});

test("pages of configured origins may call, those of others may not", async () => {
  const url = await start({}, { corsOrigins: ["https://app.example.test"] });
  const preflight = (origin: string) =>
    fetch(`${url}${ownPath}`, {
      method: "OPTIONS",
      headers: {
        origin,
        "access-control-request-method": "PATCH",
        "access-control-request-headers": "authorization, ngrok-version",
      },
    });
  const allowed = await preflight("https://app.example.test");
  expect(allowed.status).toBe(204);
  expect(Object.fromEntries(allowed.headers)).toMatchObject({
    "access-control-allow-origin": "https://app.example.test",
    "access-control-allow-headers": "authorization, ngrok-version",
    "access-control-allow-credentials": "true",
    "access-control-max-age": "600",
    vary: "origin",
  });
  const refused = await preflight("https://evil.example.test");
  expect([refused.status, refused.headers.get("access-control-allow-origin")]).toEqual([404, null]);
  const actual = await read(url, { origin: "https://app.example.test" });
  expect(actual.headers.get("access-control-allow-origin")).toBe("https://app.example.test");
});

test("health, and metrics for those who may see them", async () => {
  const url = await start();
  await read(url);
  expect(await (await fetch(`${url}/healthz`)).json()).toEqual({ status: "ok" });
  const metrics = await (await fetch(`${url}/metrics`)).text();
  expect(metrics).toMatch(
    /portcullis_http_request_duration_seconds_count\{.*route="\/service_users\/\{id\}".*\} 1/,
  );
  expect(metrics).not.toContain(accountId);
  const health = createClient(Health, createGrpcTransport({ baseUrl: url }));
  expect((await health.check({})).status).toBe(Status.SERVING);
  const closed = await start({}, { metricsSources: addressList(["192.0.2.1"]) });
  expect((await fetch(`${closed}/metrics`)).status).toBe(404);
});

test("a request without a host, or whose host is none, is refused, and others are answered", async () => {
  const url = await start();
  for (const path of [`/${Health.typeName}/Check`, receiptKeysPath]) {
    for (const host of ["", "host: [\r\n"]) {
      const socket = net.connect(Number(new URL(url).port), "127.0.0.1");
      socket.write(
        `POST ${path} HTTP/1.1\r\n${host}content-type: application/proto\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`,
      );
      expect(await textOf(socket)).toMatch(/^HTTP\/1.1 400 /);
    }
  }
  expect((await read(url)).status).toBe(200);
});

test("closing answers what is under way, over HTTP/1.1, too", async () => {
  const url = await start();
  held = Promise.withResolvers();
  const isReached = new Promise<void>((resolve) => reached.push(resolve));
  const answer = read(url);
  await isReached;
  const closed = running.splice(0)[0]?.close(10_000);
  held.resolve();
  expect((await answer).status).toBe(200);
  await closed;
});

test("a fault of ours says nothing of itself, and a service that is away is unavailable", async () => {
  const failing = await startFakeService((router) => {
    router.service(ServiceUserService, {
      getServiceUser() {
        throw new Error("secret detail at /srv/x.ts");
      },
    });
  });
  const urls = { identity: failing.url, authorization: failing.url, credential: failing.url };
  const server = await startTestGateway(urls);
  const response = await read(`http://127.0.0.1:${server.port}`);
  const text = await response.text();
  expect(response.status).toBe(500);
  expect(text).toContain("ERR_PORTCULLIS_INTERNAL");
  expect(text).not.toContain("secret");
  await failing[Symbol.asyncDispose]();
  const away = await read(`http://127.0.0.1:${server.port}`);
  expect([away.status, await codeOf(away)]).toEqual([503, "ERR_PORTCULLIS_UNAVAILABLE"]);
  await server.close(0);
});
