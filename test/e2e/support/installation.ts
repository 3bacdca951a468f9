import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RoleBindingService } from "@portcullis/contracts/portcullis/authorization/v1/role_binding_pb.ts";
import { CredentialService } from "@portcullis/contracts/portcullis/credential/v1/credential_pb.ts";
import { InstallationService } from "@portcullis/contracts/portcullis/identity/v1/installation_pb.ts";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "@portcullis/postgres/embedded";
import { startTestRedis, type TestRedis } from "@portcullis/redis/testing";
import { createPeerClient, createWorkloadTokenSource, parseWorkloadKey } from "@portcullis/service";
import { newReceiptKey } from "@portcullis/service/receipts";
import { freePorts } from "./free-port.ts";
import { migrate, ServiceProcess } from "./service-process.ts";

/** The three services as production runs them, two replicas of credential, on a Postgres and Redis of their own. */
export interface Installation extends AsyncDisposable {
  readonly identity: ServiceProcess;
  readonly authorization: ServiceProcess;
  readonly credentials: readonly [ServiceProcess, ServiceProcess];
  /** Where their data planes are, and that of one more, whether there is one or not. */
  readonly credentialDataUrls: readonly string[];
  /** One more, if it was asked for. */
  readonly thirdCredential: ServiceProcess | undefined;
  readonly postgres: EmbeddedPostgres;
  /** Starts Postgres again, on the same port and data, after a test has ended it. */
  restartPostgres(): Promise<void>;
  /** Undefined where no real Redis is installed; never so in CI. */
  readonly redis: TestRedis | undefined;
  /** The database of a service, as itself. */
  readonly databaseUrls: Readonly<Record<"identity" | "authorization" | "credential", string>>;
  /** The first account, person and API key: a super administrator. */
  readonly accountId: string;
  readonly userId: string;
  readonly apiKey: string;
  /** As the services have it. */
  readonly workloadKey: string;
  /** Where mails are written to. */
  readonly mailFolder: string;
  /** A token that proves a service of the installation to another. */
  workloadToken(name: string, audience: string): Promise<string>;
}

export interface InstallationOptions {
  /** Asks for a third replica of credential; tells where it reaches its database, which may be by a detour. */
  readonly thirdCredentialDatabase?: (databaseUrl: string) => Promise<string>;
}

export async function startInstallation(options: InstallationOptions = {}): Promise<Installation> {
  const folder = await mkdtemp(join(tmpdir(), "portcullis-e2e-"));
  const dataDir = join(folder, "postgres");
  const redis = await startTestRedis();
  let postgres = await startEmbeddedPostgres({ dataDir });
  const databaseUrls = {
    identity: await postgres.ensureDatabase("identity"),
    authorization: await postgres.ensureDatabase("authorization"),
    credential: await postgres.ensureDatabase("credential"),
  };
  await Promise.all(Object.entries(databaseUrls).map(([name, url]) => migrate(name, url)));

  const [identityPort = 0, authorizationPort = 0, authorizationDataPort = 0, ...ports] = await freePorts(9);
  const [credentialPorts, dataPorts] = [ports.slice(0, 3), ports.slice(3)];
  const urlOf = (port = 0) => `http://127.0.0.1:${port}`;
  const workloadKey = randomBytes(32).toString("base64");
  const receiptKeys = {
    identity: newReceiptKey().signingEntry,
    authorization: newReceiptKey().signingEntry,
    credential: newReceiptKey().signingEntry,
  };
  const environment = (name: keyof typeof databaseUrls) => ({
    DATABASE_URL: databaseUrls[name],
    WORKLOAD_KEY: workloadKey,
    IDENTITY_ENCRYPTION_KEYS: `k1:${workloadKey}`,
    RECEIPT_SIGNING_KEYS: receiptKeys[name],
    IDENTITY_URL: urlOf(identityPort),
    AUTHORIZATION_URL: urlOf(authorizationPort),
    CREDENTIAL_URL: urlOf(credentialPorts[0]),
    // Without a real Redis the services go on alone, which is what the tests that need none show.
    REDIS_URL: redis?.url ?? "redis://127.0.0.1:1",
    SHUTDOWN_GRACE_MS: "5000",
    MAIL_FOLDER: join(folder, "mail"),
  });
  const identity = new ServiceProcess("identity", identityPort, environment("identity"));
  const authorization = new ServiceProcess("authorization", authorizationPort, {
    ...environment("authorization"),
    DATA_PORT: String(authorizationDataPort),
  });
  const credentialProcess = (index: 0 | 1 | 2, databaseUrl = databaseUrls.credential) =>
    new ServiceProcess("credential", credentialPorts[index] ?? 0, {
      ...environment("credential"),
      DATABASE_URL: databaseUrl,
      DATA_PORT: String(dataPorts[index]),
    });
  const credentials = [credentialProcess(0), credentialProcess(1)] as const;
  const detour = await options.thirdCredentialDatabase?.(databaseUrls.credential);
  const thirdCredential = detour === undefined ? undefined : credentialProcess(2, detour);
  const processes = [identity, authorization, ...credentials, ...(thirdCredential ? [thirdCredential] : [])];
  await Promise.all(processes.map((process) => process.start()));

  const key = parseWorkloadKey(workloadKey);
  const first = await bootstrap(key, identity.url, authorization.url, credentials[0].url);
  return {
    identity,
    authorization,
    credentials,
    credentialDataUrls: dataPorts.map(urlOf),
    thirdCredential,
    get postgres() {
      return postgres;
    },
    async restartPostgres() {
      postgres = await startEmbeddedPostgres({ dataDir, port: postgres.port });
    },
    redis,
    databaseUrls,
    ...first,
    workloadKey,
    mailFolder: join(folder, "mail"),
    workloadToken: (name, audience) => createWorkloadTokenSource(key, name, audience)(),
    async [Symbol.asyncDispose]() {
      for (const process of processes) process.signal("SIGCONT");
      await Promise.all(processes.map((process) => process.stop()));
      await Promise.all([redis?.stop(), postgres.stop()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** What `npm start` does on an empty data folder. */
async function bootstrap(
  workloadKey: Uint8Array,
  identityUrl: string,
  authorizationUrl: string,
  credentialUrl: string,
) {
  const peer = { ownName: "operator", workloadKey, timeoutMs: 10_000 };
  const installation = createPeerClient(InstallationService, {
    ...peer,
    peerName: "identity",
    baseUrl: identityUrl,
  });
  const bindings = createPeerClient(RoleBindingService, {
    ...peer,
    peerName: "authorization",
    baseUrl: authorizationUrl,
  });
  const credentials = createPeerClient(CredentialService, {
    ...peer,
    peerName: "credential",
    baseUrl: credentialUrl,
  });
  const { accountId, userId } = await installation.bootstrapInstallation({
    accountDisplayName: "First",
    email: "root@example.com",
  });
  await bindings.createRoleBinding({ accountId, principalId: userId, roleId: "administrator" });
  const { token: apiKey } = await credentials.createApiKey({ accountId, ownerId: userId });
  return { accountId, userId, apiKey };
}
