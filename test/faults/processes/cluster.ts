import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "@portcullis/postgres/embedded";
import { type EmbeddedRedis, startEmbeddedRedis } from "@portcullis/redis/embedded";
import { newReceiptKey } from "@portcullis/service/receipts";
import { Redis } from "ioredis";
import { freePorts } from "../../e2e/support/free-port.ts";
import { migrate, ServiceProcess } from "../../e2e/support/service-process.ts";
import { type CredentialClients, connectCredential } from "./clients.ts";
import { FaultProxy } from "./fault-proxy.ts";
import { type PermissivePeer, startPermissivePeer } from "./permissive-peer.ts";

/** A replica of credential, as production runs it, with what is between it and its servers. */
export interface Replica {
  readonly name: string;
  readonly process: ServiceProcess;
  readonly clients: CredentialClients;
  /** host:port of its data plane, and a client of it. */
  readonly dataAddress: string;
  readonly dataPlane: CredentialClients["verification"];
  readonly postgres: FaultProxy;
  readonly redis: FaultProxy;
  /** Whether it is asked anything. It may be stopped, cut off, or dying all the same. */
  isUp: boolean;
}

/** Replicas of credential on a Postgres and a Redis of their own. */
export interface Cluster extends AsyncDisposable {
  /** The last one is not started: it joins and leaves. */
  readonly replicas: readonly Replica[];
  readonly workloadKey: string;
  readonly redisUrl: string;
  stopPostgres(): Promise<void>;
  startPostgres(): Promise<void>;
  stopRedis(): Promise<void>;
  startRedis(): Promise<void>;
  flushRedis(): Promise<void>;
}

export interface ClusterOptions {
  /** Running ones; there is one more that is not started. */
  readonly replicas: number;
  /** A module that each replica loads before its own: for tests that must see a safeguard fail. */
  readonly preload?: string;
  /** Without anything between the replicas and their servers: nothing can be broken there, and nothing takes time. */
  readonly isDirect?: boolean;
  /** More environment variables. */
  readonly environment?: Readonly<Record<string, string>>;
}

export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const folder = await mkdtemp(join(tmpdir(), "portcullis-faults-"));
  const dataDir = join(folder, "postgres");
  let postgres: EmbeddedPostgres = await startEmbeddedPostgres({ dataDir });
  const [redisPort = 0, ...ports] = await freePorts(1 + 2 * (options.replicas + 1));
  const redisOptions = {
    dir: join(folder, "redis"),
    port: redisPort,
    password: randomBytes(12).toString("hex"),
  };
  let redis: EmbeddedRedis = await startEmbeddedRedis(redisOptions);
  const { url: redisUrl } = redis;
  const databaseUrl = await postgres.ensureDatabase("credential");
  await migrate("credential", databaseUrl);
  const peer = await startPermissivePeer();
  const workloadKey = randomBytes(32).toString("base64");
  const environment = {
    WORKLOAD_KEY: workloadKey,
    RECEIPT_SIGNING_KEYS: newReceiptKey().signingEntry,
    IDENTITY_URL: peer.url,
    AUTHORIZATION_URL: peer.url,
    SHUTDOWN_GRACE_MS: "2000",
    LOG_LEVEL: "warn",
    ...(options.preload === undefined ? {} : { NODE_OPTIONS: `--import=${options.preload}` }),
    ...options.environment,
  };
  const replicas = await Promise.all(
    Array.from({ length: options.replicas + 1 }, (_, index) =>
      newReplica(`replica-${index + 1}`, ports.splice(0, 2), {
        databaseUrl,
        redisUrl,
        environment,
        workloadKey,
        isDirect: options.isDirect === true,
      }),
    ),
  );
  await Promise.all(replicas.slice(0, options.replicas).map(startReplica));
  return {
    replicas,
    workloadKey,
    redisUrl,
    stopPostgres: async () => void (await postgres.stop()),
    async startPostgres() {
      postgres = await startEmbeddedPostgres({ dataDir, port: postgres.port });
    },
    stopRedis: async () => void (await redis.stop()),
    async startRedis() {
      redis = await startEmbeddedRedis(redisOptions);
    },
    async flushRedis() {
      const client = new Redis(redisUrl, { retryStrategy: null });
      client.on("error", () => {});
      await client.flushall().catch(() => {});
      client.disconnect();
    },
    async [Symbol.asyncDispose]() {
      await stopAll(replicas, peer);
      await Promise.all([redis.stop(), postgres.stop()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

interface ReplicaSettings {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly workloadKey: string;
  readonly isDirect: boolean;
  readonly environment: Readonly<Record<string, string>>;
}

async function newReplica(
  name: string,
  [port = 0, dataPort = 0]: readonly number[],
  { databaseUrl, redisUrl, workloadKey, environment, isDirect }: ReplicaSettings,
): Promise<Replica> {
  const [postgres, redis] = await Promise.all([FaultProxy.start(databaseUrl), FaultProxy.start(redisUrl)]);
  const process = new ServiceProcess("credential", port, {
    ...environment,
    DATA_PORT: String(dataPort),
    REPLICA_NAME: name,
    DATABASE_URL: isDirect ? databaseUrl : postgres.url,
    REDIS_URL: isDirect ? redisUrl : redis.url,
  });
  return {
    name,
    process,
    dataAddress: `127.0.0.1:${dataPort}`,
    clients: connectCredential(process.url, workloadKey),
    dataPlane: connectCredential(`http://127.0.0.1:${dataPort}`, workloadKey).verification,
    postgres,
    redis,
    isUp: false,
  };
}

const startMsMax = 60_000;

/** As who looks after processes does: one that ends because Postgres is away at this moment is started again. */
export async function startReplica(replica: Replica): Promise<void> {
  for (const giveUpAtMs = performance.now() + startMsMax; ; ) {
    try {
      await replica.process.start();
      break;
    } catch (error) {
      if (performance.now() > giveUpAtMs) throw error;
      await replica.process.kill();
    }
  }
  replica.isUp = true;
}

async function stopAll(replicas: readonly Replica[], peer: PermissivePeer): Promise<void> {
  for (const { process, postgres, redis } of replicas) {
    process.signal("SIGCONT");
    postgres.heal();
    redis.heal();
  }
  await Promise.all(replicas.map(({ process }) => process.stop()));
  await Promise.all(replicas.flatMap(({ postgres, redis }) => [postgres.close(), redis.close()]));
  await peer.close();
}
