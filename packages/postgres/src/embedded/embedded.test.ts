import { spawn } from "node:child_process";
import { once } from "node:events";
import { access, chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Client } from "pg";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type EmbeddedPostgresOptions, startEmbeddedPostgres } from "./index.ts";

let parent: string;
let dataDir: string;
const cleanups: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), "portcullis-embedded-"));
  await chmod(parent, 0o755);
  dataDir = join(parent, "data");
});

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
  await rm(parent, { recursive: true, force: true });
});

async function start(options: Partial<EmbeddedPostgresOptions> = {}) {
  const postgres = await startEmbeddedPostgres({ dataDir, ...options });
  cleanups.push(() => postgres.stop());
  return postgres;
}

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  client.on("error", () => {});
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

const pidFile = () => join(dataDir, "pgdata/postmaster.pid");

/** A process of ours that has started Postgres on the folder, and its Postgres. */
async function startElsewhere() {
  const module = fileURLToPath(new URL("./index.ts", import.meta.url));
  const script = `
    const { startEmbeddedPostgres } = await import(${JSON.stringify(module)});
    console.log((await startEmbeddedPostgres({ dataDir: ${JSON.stringify(dataDir)} })).pid);
    setInterval(() => {}, 1e6)`;
  const starter = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  cleanups.push(async () => starter.kill("SIGKILL"));
  const [line] = await once(createInterface({ input: starter.stdout }), "line");
  return { starter, pid: Number(line) };
}

test("keeps data and URLs over a restart, and stop ends the server", async () => {
  const first = await start();
  const url = await first.ensureDatabase("authorization");
  await query(url, "create table kept as select 1 as n");
  expect(await first.stop()).toEqual({ code: 0, signal: null });
  expect(isAlive(first.pid)).toBe(false);
  const second = await start({ port: first.port });
  expect(await second.ensureDatabase("authorization")).toBe(url);
  expect(await query(url, "select n from kept")).toEqual([{ n: 1 }]);
  expect((await stat(join(dataDir, "superuser-password"))).mode & 0o777).toBe(0o600);
});

test("no service can open another's database", async () => {
  const postgres = await start({ fsync: false });
  const [identity, credential] = [
    await postgres.ensureDatabase("identity"),
    await postgres.ensureDatabase("credential"),
  ];
  expect(await query(identity, "select current_user::text as name")).toEqual([{ name: "identity" }]);
  const trespass = new URL(identity);
  trespass.pathname = new URL(credential).pathname;
  await expect(query(trespass.href, "select 1")).rejects.toMatchObject({ code: "42501" });
  await expect(postgres.ensureDatabase("../etc")).rejects.toThrow("no database name");
});

test("Postgres goes down with a process that is killed with -9", async () => {
  const { starter, pid } = await startElsewhere();
  starter.kill("SIGKILL");
  await vi.waitFor(() => expect(isAlive(pid)).toBe(false), { timeout: 10_000, interval: 20 });
  await expect(access(pidFile())).rejects.toThrow("ENOENT");
});

test("a start stops the server that another process left on the folder", async () => {
  const { pid } = await startElsewhere();
  const postgres = await start();
  expect(isAlive(pid)).toBe(false);
  expect(await query(postgres.url(), "select 1 as n")).toEqual([{ n: 1 }]);
});

test("kill -9 of Postgres loses nothing committed", async () => {
  const first = await start();
  await query(first.url(), "create table kept as select 1 as n");
  process.kill(first.pid, "SIGKILL");
  expect(await first.exited).toEqual({ code: null, signal: "SIGKILL" });
  const second = await start();
  expect(await query(second.url(), "select n from kept")).toEqual([{ n: 1 }]);
});

test("a stale pid file that names a process of somebody else does no harm to either", async () => {
  const first = await start();
  const text = await readFile(pidFile(), "utf8");
  await first.stop();
  const bystander = spawn("sleep", ["600"], first.pid > 0 && process.getuid?.() === 0 ? { uid: 65_534 } : {});
  cleanups.push(async () => bystander.kill());
  await once(bystander, "spawn");
  await writeFile(pidFile(), text.replace(/^\d+/, String(bystander.pid)));
  const second = await start();
  expect(await query(second.url(), "select 1 as n")).toEqual([{ n: 1 }]);
  expect(bystander.exitCode ?? bystander.signalCode).toBeNull();
});

test("an interrupted initdb doesn't block the next start", async () => {
  await mkdir(join(dataDir, ".initdb-1-1/pgdata/base"), { recursive: true });
  await writeFile(join(dataDir, ".initdb-1-1/pgdata/PG_VERSION"), "18\n");
  const postgres = await start({ fsync: false });
  expect(await query(postgres.url(), "select 1 as n")).toEqual([{ n: 1 }]);
  await expect(access(join(dataDir, ".initdb-1-1"))).rejects.toThrow("ENOENT");
});

test("a checkout or data folder in a home closed to others works too", async () => {
  await chmod(parent, 0o700);
  const closed = await start({ fsync: false });
  await query(closed.url(), "create table kept as select 1 as n");
  await closed.stop();
  await chmod(parent, 0o755);
  const opened = await start({ fsync: false });
  expect(await query(opened.url(), "select n from kept")).toEqual([{ n: 1 }]);
});

test("names the port that another program has", async () => {
  const other = createServer((socket) => socket.end("hello")).listen(0, "127.0.0.1");
  await once(other, "listening");
  cleanups.push(async () => other.close());
  const address = other.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  await expect(start({ port })).rejects.toMatchObject({ code: "port_in_use" });
});

test("names the port that another Postgres has", async () => {
  const other = await startEmbeddedPostgres({ dataDir: join(parent, "other"), fsync: false });
  cleanups.push(() => other.stop());
  await expect(start({ port: other.port })).rejects.toMatchObject({ code: "port_in_use" });
});

test("says when the folder can't be written", async () => {
  await writeFile(join(parent, "file"), "");
  const unwritable = start({ dataDir: join(parent, "file/data") });
  await expect(unwritable).rejects.toMatchObject({
    code: "folder_not_writable",
    message: expect.stringContaining("Name a folder"),
  });
});

test("says when the data folder is broken", async () => {
  await (await start({ fsync: false })).stop();
  await rm(join(dataDir, "pgdata/global/pg_control"));
  await expect(start()).rejects.toMatchObject({ code: "broken_data_folder" });
  await rm(join(dataDir, "superuser-password"));
  await expect(start()).rejects.toMatchObject({
    code: "broken_data_folder",
    message: expect.stringContaining("Put it back"),
  });
});
