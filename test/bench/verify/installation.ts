import { type ChildProcess, execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { PrincipalKind, PrincipalState } from "@portcullis/contracts/portcullis/common/v1/principal_pb.ts";
import { CredentialService } from "@portcullis/contracts/portcullis/credential/v1/credential_pb.ts";
import { PrincipalEnforcementService } from "@portcullis/contracts/portcullis/enforcement/v1/principal_enforcement_pb.ts";
import { startEmbeddedPostgres } from "@portcullis/postgres/embedded";
import { startTestRedis } from "@portcullis/redis/testing";
import { createWorkloadTokenSource, newId, parseWorkloadKey } from "@portcullis/service";
import { newReceiptKey } from "@portcullis/service/receipts";

const root = join(import.meta.dirname, "../../..");

/** A server under load, as a process of its own. */
export interface ServerProcess {
  readonly pid: number;
  stop(): Promise<void>;
}

/** The credential service on a Postgres and Redis of its own, with credentials in it. */
export interface BenchInstallation {
  readonly tokens: readonly string[];
  readonly workloadKey: string;
  /** The bearer of a service of the installation. */
  bearer(): Promise<string>;
  /** A new process each time. */
  startCredential(port: number, dataPort: number, nodeFlags: readonly string[]): Promise<ServerProcess>;
  close(): Promise<void>;
}

export async function startBenchInstallation(credentials: number): Promise<BenchInstallation> {
  const folder = await mkdtemp(join(tmpdir(), "portcullis-bench-verify-"));
  const postgres = await startEmbeddedPostgres({ dataDir: join(folder, "postgres") });
  const redis = await startTestRedis();
  const workloadKey = randomBytes(32).toString("base64");
  const env = {
    PATH: process.env["PATH"],
    DATABASE_URL: await postgres.ensureDatabase("credential"),
    REDIS_URL: redis?.url ?? "redis://127.0.0.1:1",
    WORKLOAD_KEY: workloadKey,
    RECEIPT_SIGNING_KEYS: newReceiptKey().signingEntry,
    AUTHORIZATION_URL: "http://127.0.0.1:9",
    IDENTITY_URL: "http://127.0.0.1:9",
    LOG_LEVEL: "warn",
  };
  await promisify(execFile)(process.execPath, [join(root, "services/credential/migrate.ts")], { env });
  const startCredential: BenchInstallation["startCredential"] = (port, dataPort, nodeFlags) =>
    startNode([...nodeFlags, join(root, "services/credential/main.ts")], [port, dataPort], {
      ...env,
      PORT: String(port),
      DATA_PORT: String(dataPort),
    });
  const tokenFor = (name: string) =>
    createWorkloadTokenSource(parseWorkloadKey(workloadKey), name, "credential");
  const [port = 0, dataPort = 0] = await freePorts(2);
  const first = await startCredential(port, dataPort, []);
  const tokens = await seed(`http://127.0.0.1:${port}`, tokenFor, credentials);
  await first.stop();
  return {
    tokens,
    workloadKey,
    bearer: tokenFor("gateway"),
    startCredential,
    async close() {
      await Promise.all([postgres.stop(), redis?.stop()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function seed(
  baseUrl: string,
  tokenFor: (name: string) => () => Promise<string>,
  count: number,
): Promise<readonly string[]> {
  const transport = createGrpcTransport({ baseUrl });
  const as = async (name: string) => ({ headers: { authorization: `Bearer ${await tokenFor(name)()}` } });
  const [accountId, principalId] = [newId("acct"), newId("svc")];
  const principal = {
    accountId,
    principalId,
    kind: PrincipalKind.SERVICE_USER,
    state: PrincipalState.ACTIVE,
    version: 1n,
  };
  await createClient(PrincipalEnforcementService, transport).applyPrincipal(
    { principal },
    await as("identity"),
  );
  const client = createClient(CredentialService, transport);
  const operator = await as("operator");
  const made: string[] = [];
  const worker = async () => {
    while (made.length < count) {
      const { token } = await patiently(() =>
        client.createAuthtoken({ accountId, ownerId: principalId }, operator),
      );
      made.push(token);
    }
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  return made.slice(0, count);
}

/** On a machine that is busy with other things a server may not reach its database in time. */
export async function patiently<T>(call: () => Promise<T>): Promise<T> {
  for (let attempt = 1; attempt < 20; attempt++) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === unavailable)) throw error;
      await delay(250);
    }
  }
  return call();
}

/** Of gRPC, and of Connect. */
const unavailable = 14;

/** Runs a script with Node, and resolves when the ports are listened on. */
export async function startNode(
  args: readonly string[],
  ports: readonly number[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<ServerProcess> {
  const child = spawn(process.execPath, args, { env, stdio: ["ignore", "ignore", "inherit"] });
  await Promise.all(ports.map((port) => untilListening(child, port)));
  if (child.pid === undefined) throw new Error("the server has no process id");
  return {
    pid: child.pid,
    async stop() {
      if (child.exitCode !== null) return;
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      await ended;
    },
  };
}

async function untilListening(child: ChildProcess, port: number): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error("the server ended before it served");
    const socket = connect(port, "127.0.0.1");
    const isThere = await once(socket, "connect").then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isThere) return;
    await delay(50);
  }
}

/** Ports that are free at this moment. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map((server) => once(server, "listening")));
  const ports = servers.map((server) => {
    const address = server.address();
    return address === null || typeof address === "string" ? 0 : address.port;
  });
  await Promise.all(servers.map((server) => once(server.close(), "close")));
  return ports;
}
