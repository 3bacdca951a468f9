import { type Client, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { AccountService } from "@portcullis/contracts/portcullis/identity/v1/account_pb.ts";
import { InstallationService } from "@portcullis/contracts/portcullis/identity/v1/installation_pb.ts";
import { ServiceUserService } from "@portcullis/contracts/portcullis/identity/v1/service_user_pb.ts";
import { type Database, openDatabase } from "@portcullis/postgres";
import { createTestDatabase } from "@portcullis/postgres/testing";
import { createLogger, createMetrics, newId } from "@portcullis/service";
import { createTestSecurity, testWorkloadToken } from "@portcullis/service/testing";
import type { AccountId } from "../domain/ids.ts";
import { parseAccountId } from "../domain/ids.ts";
import type { IdentityDeps } from "../rpc/deps.ts";
import { startIdentityServer } from "../server.ts";
import { migrations } from "../store/migrations/index.ts";
import { createPostgresAccounts } from "../store/postgres-accounts.ts";
import { createPostgresEnforcementOutbox } from "../store/postgres-enforcement-outbox.ts";
import { createPostgresServiceUsers } from "../store/postgres-service-users.ts";
import { createPostgresUnitOfWork } from "../store/postgres-unit-of-work.ts";
import type { Schema } from "../store/schema.ts";
import { MemoryEnforcer } from "./memory-enforcer.ts";

/** Identity as it runs, on a real Postgres, with enforcers in memory in place of the other services. */
export interface TestIdentity extends AsyncDisposable {
  readonly deps: IdentityDeps;
  readonly database: Database<Schema>;
  /** Two accounts that exist. */
  readonly acme: AccountId;
  readonly globex: AccountId;
  readonly credential: MemoryEnforcer;
  readonly authorization: MemoryEnforcer;
  readonly serviceUsers: Client<typeof ServiceUserService>;
  readonly accounts: Client<typeof AccountService>;
  readonly installation: Client<typeof InstallationService>;
}

/** Call options for somebody: `admin`, `developer` and `stranger` (of globex), `root`. */
export function as(apiKey: string) {
  return { headers: { authorization: `Bearer ${apiKey}` } };
}

/** Call options for a service of the installation. */
export async function asWorkload(name: string) {
  return as(await testWorkloadToken(name, "identity"));
}

export async function startTestIdentity(): Promise<TestIdentity> {
  const testDatabase = await createTestDatabase(migrations);
  const database = openDatabase<Schema>({
    url: testDatabase.url,
    applicationName: "identity-test",
    poolSizeMax: 20,
    statementTimeoutMs: 15_000,
    connectTimeoutMs: 5_000,
    onError: () => {},
  });
  const credential = new MemoryEnforcer("credential");
  const authorization = new MemoryEnforcer("authorization");
  const clock = () => new Date();
  const enforcerNames = ["credential", "authorization"];
  const deps: IdentityDeps = {
    accounts: createPostgresAccounts(database.db),
    serviceUsers: createPostgresServiceUsers(database.db),
    unitOfWork: createPostgresUnitOfWork(database.db, { clock, newId, enforcerNames }),
    outbox: createPostgresEnforcementOutbox(database.db),
    enforcers: [credential, authorization],
    clock,
    newId,
  };
  const acme = await insertAccount(deps, "Acme");
  const globex = await insertAccount(deps, "Globex");
  const writer = [
    "identity.service_users.write",
    "identity.service_users.read",
    "identity.account.read",
    "identity.account.update",
  ];
  const server = await startIdentityServer({
    host: "127.0.0.1",
    port: 0,
    security: createTestSecurity("identity", {
      root: { accountId: acme, principalId: "user_root", permissions: "all" },
      admin: { accountId: acme, principalId: "user_admin", permissions: writer },
      developer: { accountId: acme, principalId: "svc_dev", permissions: ["identity.service_users.read"] },
      stranger: { accountId: globex, principalId: "user_stranger", permissions: writer },
    }),
    log: createLogger("identity", "silent"),
    metrics: createMetrics("identity"),
    probe: (signal) => database.ping(signal),
    deps,
  });
  const transport = createGrpcTransport({ baseUrl: `http://127.0.0.1:${server.port}` });
  return {
    deps,
    database,
    acme,
    globex,
    credential,
    authorization,
    serviceUsers: createClient(ServiceUserService, transport),
    accounts: createClient(AccountService, transport),
    installation: createClient(InstallationService, transport),
    async [Symbol.asyncDispose]() {
      await server.close(0);
      await database.close();
      await testDatabase.drop();
    },
  };
}

async function insertAccount(deps: IdentityDeps, displayName: string): Promise<AccountId> {
  const id = parseAccountId(newId("acct"));
  const now = deps.clock();
  const account = { id, displayName, createdAt: now, updatedAt: now, version: 1 };
  await deps.unitOfWork.once(
    {
      actor: { kind: "workload", name: "test" },
      accountId: id,
      method: "test",
      requestId: undefined,
      requestDigest: new Uint8Array(),
    },
    async (tx) => {
      await tx.insertAccount(account);
      return { resourceId: id, value: undefined };
    },
    AbortSignal.timeout(10_000),
  );
  return id;
}
