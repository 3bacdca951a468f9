import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { vi } from "vitest";

/** Some redis-server processes of a test, without passwords, on free ports of this machine. */
export class RedisServers {
  readonly #processes: ChildProcess[] = [];
  readonly #dirs: string[] = [];

  /** Resolves with its port when it answers. */
  async start(settings: readonly string[], ...args: readonly string[]): Promise<number> {
    const dir = await mkdtemp(join(tmpdir(), "portcullis-redis-nodes-"));
    this.#dirs.push(dir);
    const port = await freePort();
    const file = join(dir, "redis.conf");
    const lines = [`port ${port}`, "bind 127.0.0.1", `dir ${dir}`, 'save ""', ...settings];
    await writeFile(file, `${lines.join("\n")}\n`);
    this.#processes.push(spawn("redis-server", [file, ...args], { stdio: "ignore" }));
    await vi.waitFor(() => ask(port, "PING"), { timeout: 5_000 });
    return port;
  }

  /** As kill -9 does it. */
  async kill(index: number): Promise<void> {
    const server = this.#processes[index];
    if (server === undefined || server.exitCode !== null || server.signalCode !== null) return;
    const exited = once(server, "exit");
    server.kill("SIGKILL");
    await exited;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#processes.map((_, index) => this.kill(index)));
    await Promise.all(this.#dirs.map((dir) => rm(dir, { recursive: true, force: true })));
  }
}

/** A master, a replica of it, and a Sentinel that takes half a second of silence for its end. */
export async function startSentinel(servers: RedisServers): Promise<number> {
  const master = await servers.start(["repl-diskless-sync-delay 0"]);
  const replica = await servers.start(["repl-diskless-sync-delay 0", `replicaof 127.0.0.1 ${master}`]);
  await vi.waitFor(async () => {
    if (!String(await ask(replica, "INFO", "replication")).includes("master_link_status:up"))
      throw new Error();
  });
  const watch = [
    `sentinel monitor main 127.0.0.1 ${master} 1`,
    "sentinel down-after-milliseconds main 500",
    "sentinel failover-timeout main 3000",
  ];
  const sentinel = await servers.start(watch, "--sentinel");
  await vi.waitFor(
    async () => {
      const found = await ask(sentinel, "SENTINEL", "REPLICAS", "main");
      if (!Array.isArray(found) || found.length === 0) throw new Error("the replica is not known yet");
    },
    { timeout: 15_000, interval: 100 },
  );
  return sentinel;
}

/** Three masters that share the slots. */
export async function startCluster(servers: RedisServers): Promise<readonly number[]> {
  const node = () => servers.start(["cluster-enabled yes", "cluster-node-timeout 1000"]);
  const ports = [await node(), await node(), await node()];
  const ranges = ["0 5460", "5461 10922", "10923 16383"];
  for (const [index, port] of ports.entries()) {
    await ask(port, "CLUSTER", "ADDSLOTSRANGE", ...(ranges[index] ?? "").split(" "));
    await ask(port, "CLUSTER", "MEET", "127.0.0.1", String(ports[0]));
  }
  await vi.waitFor(
    async () => {
      for (const port of ports) {
        const info = String(await ask(port, "CLUSTER", "INFO"));
        if (!info.includes("cluster_state:ok") || !info.includes("cluster_known_nodes:3")) {
          throw new Error("not ok yet");
        }
      }
    },
    { timeout: 15_000, interval: 100 },
  );
  return ports;
}

/** One command on a connection of its own. */
async function ask(port: number, command: string, ...args: readonly string[]): Promise<unknown> {
  const client = new Redis(port, "127.0.0.1", { lazyConnect: true, retryStrategy: null });
  client.on("error", () => {});
  try {
    await client.connect();
    return await client.call(command, ...args);
  } finally {
    client.disconnect();
  }
}

/** Low enough for a cluster's second port, which is 10,000 above. */
async function freePort(): Promise<number> {
  for (;;) {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, "close");
    if (port < 55_536) return port;
  }
}
