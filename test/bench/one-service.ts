import { type ChildProcess, execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { startEmbeddedPostgres } from "@portcullis/postgres/embedded";
import { startTestRedis } from "@portcullis/redis/testing";
import { createWorkloadTokenSource, parseWorkloadKey } from "@portcullis/service";
import { newReceiptKey } from "@portcullis/service/receipts";

const root = join(import.meta.dirname, "../..");

/** A process of the service. */
export interface Replica {
  readonly pid: number;
  /** host:port of the control plane. */
  readonly address: string;
  /** host:port of the data plane, where the service has one. */
  readonly dataAddress: string | undefined;
  /** From its start to the line that says that it listens. */
  readonly startedInMs: number;
  stop(): Promise<void>;
}

/** One of the services, on a Postgres and a Redis of its own, without its peers. */
export interface OneService {
  readonly databaseUrl: string;
  readonly workloadKey: string;
  /** The bearer tokens of a service of the installation. */
  tokenOf(workload: string): () => Promise<string>;
  start(env?: Readonly<Record<string, string>>, nodeFlags?: readonly string[]): Promise<Replica>;
  /** Ends all of it. */
  close(): Promise<void>;
}

export async function prepareService(name: "authorization" | "credential"): Promise<OneService> {
  const folder = await mkdtemp(join(tmpdir(), `portcullis-bench-${name}-`));
  const postgres = await startEmbeddedPostgres({ dataDir: join(folder, "postgres") });
  const redis = await startTestRedis();
  const workloadKey = randomBytes(32).toString("base64");
  const databaseUrl = await postgres.ensureDatabase(name);
  const environment = {
    ...process.env,
    DATABASE_URL: databaseUrl,
    WORKLOAD_KEY: workloadKey,
    RECEIPT_SIGNING_KEYS: newReceiptKey().signingEntry,
    AUTHORIZATION_URL: "http://127.0.0.1:9",
    CREDENTIAL_URL: "http://127.0.0.1:9",
    IDENTITY_URL: "http://127.0.0.1:9",
    REDIS_URL: redis?.url ?? "redis://127.0.0.1:1",
    PORT: "0",
    DATA_PORT: "0",
    LOG_LEVEL: "info",
  };
  const folderOf = join(root, "services", name);
  await promisify(execFile)(process.execPath, [join(folderOf, "migrate.ts")], { env: environment });
  const replicas = new Set<Replica>();
  return {
    databaseUrl,
    workloadKey,
    tokenOf: (workload) => createWorkloadTokenSource(parseWorkloadKey(workloadKey), workload, name),
    async start(env = {}, nodeFlags = []) {
      const startedAt = performance.now();
      const child = spawn(process.execPath, [...nodeFlags, join(folderOf, "main.ts")], {
        env: { ...environment, ...env },
        stdio: ["ignore", "pipe", "inherit"],
      });
      const { port, dataPort } = await portsOf(child);
      const startedInMs = performance.now() - startedAt;
      const replica: Replica = {
        pid: child.pid ?? 0,
        address: `127.0.0.1:${port}`,
        dataAddress: dataPort === undefined ? undefined : `127.0.0.1:${dataPort}`,
        startedInMs,
        async stop() {
          replicas.delete(replica);
          if (child.exitCode !== null) return;
          const ended = once(child, "exit");
          child.kill("SIGTERM");
          await ended;
        },
      };
      replicas.add(replica);
      return replica;
    },
    async close() {
      await Promise.all([...replicas].map((replica) => replica.stop()));
      await redis?.stop();
      await postgres.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

interface Ports {
  readonly port: number;
  readonly dataPort?: number;
}

async function portsOf({ stdout }: ChildProcess): Promise<Ports> {
  if (stdout === null) throw new Error("the service's output is not piped");
  const lines = createInterface({ input: stdout });
  for await (const line of lines) {
    const said = JSON.parse(line) as Partial<Ports>;
    if (said.port === undefined) continue;
    lines.close();
    stdout.resume();
    return { ...said, port: said.port };
  }
  throw new Error("the service ended before it listened");
}
