import { once } from "node:events";
import { Agent, get } from "node:http";
import net from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, expect, test } from "vitest";
import { type HttpResponse, type Listener, listen } from "./listener.ts";

const local = { host: "127.0.0.1", port: 0 };
const long = 60_000;
let running: Listener | undefined;
afterEach(() => running?.close(0));

/** A server that answers when it is told to, and what it has been asked. */
async function holding() {
  const asked: HttpResponse[] = [];
  const arrived = Promise.withResolvers<void>();
  const listener = await listen(local, (_request, response) => {
    asked.push(response);
    arrived.resolve();
  });
  running = listener;
  return { listener, asked, arrived: arrived.promise, url: `http://127.0.0.1:${listener.port}/` };
}

/** Resolves when the connection is gone, in whatever way. */
function endOf(socket: net.Socket): Promise<void> {
  socket.on("error", () => {});
  return new Promise((resolve) => void socket.once("close", () => resolve()));
}

test("closing waits for the HTTP/1.1 requests in flight, and their connections end with them", async () => {
  const { listener, asked, arrived, url } = await holding();
  const agent = new Agent({ keepAlive: true });
  const answered = once(get(url, { agent }), "response");
  await arrived;
  let isClosed = false;
  const closed = (async () => {
    await listener.close(long);
    isClosed = true;
  })();
  await expect(once(get(url), "response")).rejects.toMatchObject({ code: "ECONNREFUSED" });
  expect(isClosed).toBe(false);
  asked[0]?.end("late");
  const [response] = await answered;
  expect([response.headers.connection, await text(response)]).toEqual(["close", "late"]);
  await closed;
});

test("closing waits for no idle HTTP/1.1 connection, nor for one whose request has not arrived", async () => {
  const { listener, asked, arrived } = await holding();
  const idle = net.connect(listener.port, "127.0.0.1");
  idle.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
  await arrived;
  asked[0]?.end();
  await once(idle, "data");
  const half = net.connect(listener.port, "127.0.0.1");
  await new Promise<void>((resolve) => half.write("GET / HTTP/1.1\r\n", () => resolve()));
  const ended = [idle, half].map(endOf);
  await listener.close(long);
  await Promise.all(ended);
});

test("a request that goes on for longer than the grace is cut off", async () => {
  const { listener, arrived, url } = await holding();
  const cut = once(get(url), "response");
  await arrived;
  await Promise.all([listener.close(10), expect(cut).rejects.toMatchObject({ code: "ECONNRESET" })]);
});

test("HTTP/1.1 headers that come too slowly are cut off", async () => {
  running = await listen(
    local,
    () => {},
    ({ http1 }) => Object.assign(http1, { headersTimeout: 100, connectionsCheckingInterval: 20 }),
  );
  const slow = net.connect(running.port, "127.0.0.1");
  slow.write("GET / HTTP/1.1\r\nhost: x\r\n");
  expect(await text(slow)).toMatch(/^HTTP\/1.1 408 /);
});
