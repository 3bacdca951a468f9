// Tests of one installation, in their order: each real start costs seconds.
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { paths } from "./paths.ts";
import {
  freePortBase,
  type LauncherProcess,
  type ReadyLine,
  runningOf,
  startedProcesses,
  startLauncher,
} from "./testing/launcher-process.ts";

let folder: string;
let root: string;
let args: readonly string[];
let launcher: LauncherProcess;
let ready: ReadyLine;
let apiKey: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "portcullis-launcher-"));
  root = join(folder, "data");
  args = ["--json", `--data=${root}`, `--port-base=${await freePortBase()}`];
  launcher = startLauncher(args);
  ready = await launcher.ready();
});

afterAll(async () => {
  launcher.process.kill("SIGTERM");
  await launcher.exited;
  await rm(folder, { recursive: true, force: true });
});

/** A call as any client makes it, with nothing but HTTP and JSON. */
async function call(
  method: string,
  key: string,
  request: object = {},
): Promise<{ status: number; body: string }> {
  const response = await fetch(`${ready.services["identity"]}/portcullis.identity.v1.${method}`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${key}` },
    body: JSON.stringify(request),
  });
  return { status: response.status, body: await response.text() };
}

async function serviceUsers(key: string): Promise<string> {
  const { status, body } = await call("ServiceUserService/ListServiceUsers", key);
  expect(status).toBe(200);
  return body;
}

test("the first start prints an API key that opens the account, and leaves it in no file", async () => {
  expect(ready).toMatchObject({ firstStart: true, apiKey: expect.stringMatching(/^pcak_/) });
  apiKey = ready.apiKey ?? "";
  const created = await call("ServiceUserService/CreateServiceUser", apiKey, { name: "build-bot" });
  expect(created).toMatchObject({ status: 200, body: expect.stringContaining("build-bot") });
  for (const name of await readdir(paths.logs(root))) {
    expect(await readFile(join(paths.logs(root), name), "utf8")).not.toContain(apiKey);
  }
});

test("clients of ngrok's REST API find theirs, on the gateway", async () => {
  const response = await fetch(`${ready.services["gateway"]}/service_users`, {
    headers: { authorization: `Bearer ${apiKey}`, "ngrok-version": "2" },
  });
  expect(await response.json()).toMatchObject({
    service_users: [{ name: "build-bot", uri: expect.stringContaining(String(ready.services["gateway"])) }],
  });
});

test("a second start on the same folder says so and changes nothing", async () => {
  const started = await startedProcesses(root);
  const second = startLauncher(["--data", root]);
  expect(await second.exited).toBe(1);
  expect(second.stderr()).toMatch(/already running on .*kill \d+/);
  expect(await startedProcesses(root)).toEqual(started);
  expect(await runningOf(started)).toHaveLength(6);
});

test("--new-key gets another key from the installation that runs", async () => {
  const second = startLauncher(["--data", root, "--new-key"]);
  expect(await second.exited).toBe(0);
  const key = /^export PORTCULLIS_API_KEY=(pcak_\w+)\n$/.exec(second.stdout())?.[1] ?? "";
  expect(key).not.toBe(apiKey);
  expect(await serviceUsers(key)).toContain("build-bot");
});

test("a port in use is named before anything is started", async () => {
  const other = join(folder, "other");
  const portBase = args[2] ?? "";
  const second = startLauncher(["--data", other, portBase]);
  expect(await second.exited).toBe(1);
  expect(second.stderr()).toMatch(/Port \d+, which identity needs, is used by another program/);
  expect(await readdir(other)).not.toContain("postgres");
});

test("after kill -9 nothing is left running, and the next start has the data and prints no key", async () => {
  const started = await startedProcesses(root);
  launcher.process.kill("SIGKILL");
  // At once: it waits for what is still ending.
  launcher = startLauncher(args);
  ready = await launcher.ready();
  expect(await runningOf(started)).toEqual([]);
  expect(ready.firstStart).toBe(false);
  expect(launcher.stdout()).not.toContain("pcak_");
  expect(await serviceUsers(apiKey)).toContain("build-bot");
});

test("SIGTERM stops everything in order and leaves no notes of a run", async () => {
  const started = await startedProcesses(root);
  launcher.process.kill("SIGTERM");
  expect(await launcher.exited).toBe(0);
  expect(await runningOf(started)).toEqual([]);
  expect(await readdir(root)).not.toContain("run.json");
  expect(await readFile(paths.log(root, "postgres"), "utf8")).toMatch(/database system is shut down\n$/);
});

test("a start that follows one cut off before it had shown the key makes another", async () => {
  await rm(paths.state(root));
  launcher = startLauncher(args, { PATH: await pathWithoutRedis() });
  ready = await launcher.ready();
  expect(ready).toMatchObject({ firstStart: true, apiKey: expect.stringMatching(/^pcak_/) });
  expect(await serviceUsers(ready.apiKey ?? "")).toContain("build-bot");
  expect(ready.redis).toMatch(/js-redis-server \(development only/);
});

test("when a service ends by itself, it is named, its log is shown, and the rest is stopped", async () => {
  const started = await startedProcesses(root);
  const credential = started.findLast(({ name }) => name === "credential");
  process.kill(credential?.pid ?? 0, "SIGKILL");
  expect(await launcher.exited).toBe(1);
  expect(launcher.stderr()).toMatch(/credential has ended by itself, by SIGKILL\. .*credential\.log/);
  expect(launcher.stderr()).toMatch(/^ {2}\S+ info /m);
  expect(await runningOf(started)).toEqual([]);
});

test("a damaged database is told in words, with what to do", async () => {
  await writeFile(join(paths.postgres(root), "pgdata", "PG_VERSION"), "garbage");
  const started = startLauncher(args);
  expect(await started.exited).toBe(1);
  expect(started.stderr()).toMatch(/The database in .* is damaged.* `npm start -- --reset`/);
  expect(started.stderr()).not.toMatch(/^\s+at /m);
  expect(await startedProcesses(root)).toEqual([]);
});

/** Only what the launcher needs of the system; a redis-server that is installed is not found. */
async function pathWithoutRedis(): Promise<string> {
  const bin = join(folder, "bin");
  await mkdir(bin);
  for (const name of ["sh", "sleep", "ps", "unshare", "true"]) {
    for (const from of ["/usr/bin", "/bin"]) {
      await symlink(join(from, name), join(bin, name)).catch(() => {});
    }
  }
  return bin;
}
