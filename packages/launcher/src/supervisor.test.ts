import { expect, test } from "vitest";
import { StopRequested } from "./stop-requests.ts";
import { type Child, Supervisor } from "./supervisor.ts";

const notes = { add: async () => {}, remove: async () => {} };

function setUp() {
  const stop = new AbortController();
  const hurry = new AbortController();
  const supervisor = new Supervisor(notes, { stop: stop.signal, hurry: hurry.signal });
  const events: string[] = [];
  const child = (name: string, { deaf = false } = {}) => {
    const { promise, resolve } = Promise.withResolvers<{ code: number | null; signal: string | null }>();
    const end = (code: number) => resolve({ code, signal: null });
    const process: Child = {
      name,
      pid: 0,
      log: { file: `/nonexistent/${name}.log`, startByte: 0 },
      exited: promise,
      async stop() {
        events.push(`stop ${name}`);
        if (!deaf) end(0);
        await promise;
      },
      kill() {
        events.push(`kill ${name}`);
        end(9);
      },
    };
    return { process, end };
  };
  return { supervisor, stop, hurry, events, child };
}

const forever = new Promise<never>(() => {});

test("stops services first, then Redis, then Postgres, whatever the order of their starts", async () => {
  const { supervisor, events, child } = setUp();
  await supervisor.start("postgres", async () => child("postgres").process);
  await supervisor.start("services", async () => child("identity").process);
  await supervisor.start("redis", async () => child("redis").process);
  await supervisor.stopAll();
  expect(events).toEqual(["stop identity", "stop redis", "stop postgres"]);
});

test("a process that ends by itself is named, and how it ended", async () => {
  const { supervisor, child } = setUp();
  const identity = child("identity");
  await supervisor.start("services", async () => identity.process);
  const guarded = supervisor.guard(forever);
  identity.end(70);
  await expect(guarded).rejects.toThrow("identity has ended by itself, with code 70");
});

test("a process that is stopped has not ended by itself", async () => {
  const { supervisor, child } = setUp();
  await supervisor.start("services", async () => child("identity").process);
  await supervisor.stopAll();
  await expect(supervisor.guard(Promise.resolve("fine"))).resolves.toBe("fine");
});

test("what is being started when the stop comes is stopped as well, and nothing is started after it", async () => {
  const { supervisor, stop, events, child } = setUp();
  const starting = Promise.withResolvers<Child>();
  const started = supervisor.start("postgres", () => starting.promise);
  const guarded = supervisor.guard(started);
  stop.abort();
  await expect(guarded).rejects.toBeInstanceOf(StopRequested);
  const stopped = supervisor.stopAll();
  await expect(supervisor.start("services", async () => child("late").process)).rejects.toBeInstanceOf(
    StopRequested,
  );
  starting.resolve(child("postgres").process);
  await stopped;
  expect(events).toEqual(["stop postgres"]);
});

test("hurry kills what takes its time", async () => {
  const { supervisor, hurry, events, child } = setUp();
  await supervisor.start("services", async () => child("identity", { deaf: true }).process);
  await supervisor.start("postgres", async () => child("postgres").process);
  const stopped = supervisor.stopAll();
  hurry.abort();
  await stopped;
  expect(events).toContain("kill identity");
  expect(events.at(-1)).toBe("stop postgres");
});
