import { randomBytes } from "node:crypto";
import { type Client, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { createSettledTransactions } from "@portcullis/coherence/postgres";
import { openLocalCoherence } from "@portcullis/coherence/testing";
import { PrincipalKind, PrincipalState } from "@portcullis/contracts/portcullis/common/v1/principal_pb.ts";
import { CredentialService } from "@portcullis/contracts/portcullis/credential/v1/credential_pb.ts";
import { SessionService } from "@portcullis/contracts/portcullis/credential/v1/session_pb.ts";
import {
  type VerificationResult,
  VerificationResultSchema,
  VerificationService,
} from "@portcullis/contracts/portcullis/credential/v1/verification_pb.ts";
import { AccountEnforcementService } from "@portcullis/contracts/portcullis/enforcement/v1/account_enforcement_pb.ts";
import { PrincipalEnforcementService } from "@portcullis/contracts/portcullis/enforcement/v1/principal_enforcement_pb.ts";
import { DomainError } from "@portcullis/errors";
import { type Database, openDatabase } from "@portcullis/postgres";
import { createTestDatabase } from "@portcullis/postgres/testing";
import { createLogger, createMetrics, newId, reasonOf } from "@portcullis/service";
import { createTestSecurity, testReceiptKeys, testWorkloadToken } from "@portcullis/service/testing";
import { type AccountId, type PrincipalId, parseAccountId, parsePrincipalId } from "../domain/ids.ts";
import type { PlanFeatures } from "../domain/ports.ts";
import { createReceipts } from "../receipts.ts";
import { startCredentialServer } from "../server.ts";
import { startEmptying } from "../store/account-emptying.ts";
import { createAttemptLimiter } from "../store/attempt-limiter.ts";
import { createStores } from "../store/create-stores.ts";
import { migrations } from "../store/migrations/index.ts";
import { createOutageLog } from "../store/outage-log.ts";
import { createPostgresHeld } from "../store/postgres-held.ts";
import { startLastUses } from "../store/postgres-last-uses.ts";
import { createRememberedCredentials } from "../store/remembered-credentials.ts";
import type { Schema } from "../store/schema.ts";
import { scopeKinds } from "../store/scopes.ts";
import { startTcpProxy } from "./tcp-proxy.ts";

/** Somebody of an account, with an API key of the service under test. */
export interface Somebody {
  readonly accountId: AccountId;
  readonly principalId: PrincipalId;
  readonly apiKey: string;
}

/** The credential service as it runs, on a real Postgres, with the other services' decisions made up. */
export interface TestCredential extends AsyncDisposable {
  readonly database: Database<Schema>;
  readonly credentials: Client<typeof CredentialService>;
  readonly verification: Client<typeof VerificationService>;
  readonly sessions: Client<typeof SessionService>;
  readonly enforcement: Client<typeof PrincipalEnforcementService> & Client<typeof AccountEnforcementService>;
  readonly port: number;
  readonly dataPort: number;
  /** Writes the last uses that were noted. */
  flushUses(): Promise<void>;
  /** Two accounts. */
  readonly acme: AccountId;
  readonly globex: AccountId;
  /** May write, read and verify credentials of acme, and assign owners. */
  readonly admin: Somebody;
  /** As admin, without assigning owners. */
  readonly developer: Somebody;
  /** A developer who manages service users. */
  readonly manager: Somebody;
  /** As admin, in globex. */
  readonly stranger: Somebody;
  /** A super administrator, at home in acme. */
  readonly root: Somebody;
  /** Lets time pass. */
  advance(ms: number): void;
  now(): Date;
  /** Tells of a new, active service user of acme, or of another account. */
  newRobot(accountId?: AccountId): Promise<PrincipalId>;
  /** The accounts whose plans have no ACLs; none can be asked about while identity is away. */
  readonly withoutAcls: Set<string>;
  identityIsAway: boolean;
  /** As identity would, of acme or of another account; version 1 is taken by newRobot. */
  apply(
    principalId: PrincipalId,
    state: PrincipalState,
    version: number,
    accountId?: AccountId,
  ): Promise<bigint>;
  /** Ends every connection to Postgres and lets none be made. */
  cutDatabase(): Promise<void>;
  /** Another replica on the same database, for as long as this one. */
  addReplica(): Promise<TestReplica>;
}

/** A replica beside the first. */
export type TestReplica = Pick<TestCredential, "port" | "verification" | "cutDatabase">;

const everything = ["read", "write", "verify"].map((verb) => `credential.credentials.${verb}`);
const assign = "credential.owners.assign";
const sessionRights = ["credential.sessions.read", "credential.sessions.end"];

/** Call options with a bearer token. */
export function as(bearer: string) {
  return { headers: { authorization: `Bearer ${bearer}` } };
}

/** Call options for a service of the installation. */
export async function asWorkload(name: string) {
  return as(await testWorkloadToken(name, "credential"));
}

/** The name of a verification's result. */
export function nameOf(result: VerificationResult): string | undefined {
  return VerificationResultSchema.value[result]?.localName;
}

/** The name of an answer's result. */
export async function resultOf(
  answer: Promise<{ readonly verification?: { readonly result: VerificationResult } | undefined }>,
): Promise<string | undefined> {
  const { verification } = await answer;
  return verification === undefined ? undefined : nameOf(verification.result);
}

/** Why a call failed. */
export function refusalOf(call: Promise<unknown>): Promise<string | undefined> {
  return call.then(
    () => "none",
    (error: unknown) => reasonOf(error),
  );
}

interface ReplicaOptions {
  readonly name: string;
  readonly databaseUrl: string;
  readonly leaseMs: number;
  readonly nowMs: () => number;
  readonly people: Parameters<typeof createTestSecurity>[1];
  readonly plans: PlanFeatures;
}

async function startReplica({ name, databaseUrl, leaseMs, nowMs, people, plans }: ReplicaOptions) {
  const log = createLogger("credential", "silent");
  const proxy = await startTcpProxy(databaseUrl);
  const database = openDatabase<Schema>({
    url: proxy.url,
    applicationName: "credential-test",
    poolSizeMax: 10,
    statementTimeoutMs: 15_000,
    connectTimeoutMs: 2_000,
    onError: () => {},
  });
  const clock = () => new Date(nowMs());
  const attempts = createAttemptLimiter({
    shared: { count: () => Promise.reject(new Error("there is no Redis here")) },
    nowMs,
    outage: createOutageLog(log),
  });
  const receipts = createReceipts(testReceiptKeys, database.db, log);
  const coherence = await openLocalCoherence(database.db, scopeKinds, { replica: name, leaseMs });
  const settled = createSettledTransactions<Schema>({ db: database.db, ...coherence });
  const presented = createRememberedCredentials({
    ...coherence,
    source: createPostgresHeld(database.db),
    warm: undefined,
    limits: { entriesMax: 10_000, bytesMax: 2 ** 24 },
  });
  const stores = createStores(database.db, settled, { clock, newId });
  const uses = startLastUses(database.db, () => {});
  const server = await startCredentialServer({
    host: "127.0.0.1",
    port: 0,
    dataPort: 0,
    peers: { security: createTestSecurity("credential", people), plans },
    log,
    metrics: createMetrics("credential"),
    probe: (signal) => database.ping(signal),
    deps: { ...stores, presented, coherence, receipts, attempts, uses, clock, newId, randomBytes },
  });
  return {
    database,
    port: server.port,
    dataPort: server.dataPort ?? 0,
    flushUses: () => uses.flush(),
    cutDatabase: () => proxy.close(),
    async [Symbol.asyncDispose]() {
      await server.close(0);
      await Promise.all([attempts.close(), uses.close()]);
      await coherence.close();
      await database.close();
      await proxy.close();
    },
  };
}

/** `leaseMs`: for how long it answers from memory without asking Postgres. */
export async function startTestCredential({
  leaseMs = 150,
}: {
  readonly leaseMs?: number;
} = {}): Promise<TestCredential> {
  const testDatabase = await createTestDatabase(migrations);
  let nowMs = Date.now();
  const clock = () => new Date(nowMs);
  const [acme, globex] = [parseAccountId(newId("acct")), parseAccountId(newId("acct"))];
  const people = {
    admin: {
      accountId: acme,
      principalId: parsePrincipalId(newId("user")),
      permissions: [...everything, assign, ...sessionRights],
    },
    developer: { accountId: acme, principalId: parsePrincipalId(newId("svc")), permissions: everything },
    manager: {
      accountId: acme,
      principalId: parsePrincipalId(newId("user")),
      permissions: [...everything, "credential.service_owners.assign"],
    },
    stranger: {
      accountId: globex,
      principalId: parsePrincipalId(newId("user")),
      permissions: [...everything, assign, ...sessionRights],
    },
    root: { accountId: acme, principalId: parsePrincipalId(newId("user")), permissions: "all" as const },
  };
  const withoutAcls = new Set<string>();
  const plans: PlanFeatures = {
    async allowsAcls(accountId) {
      if (test.identityIsAway) throw new DomainError("DEPENDENCY_UNAVAILABLE", "identity is away");
      return !withoutAcls.has(accountId);
    },
  };
  const common = { databaseUrl: testDatabase.url, leaseMs, nowMs: () => nowMs, people, plans };
  const first = await startReplica({ ...common, name: "first" });
  const replicas = [first];
  const { database, port, dataPort } = first;
  const emptying = startEmptying(database.db, () => {});
  const transport = createGrpcTransport({ baseUrl: `http://127.0.0.1:${port}` });
  const credentials = createClient(CredentialService, transport);
  const enforcement = {
    ...createClient(PrincipalEnforcementService, transport),
    ...createClient(AccountEnforcementService, transport),
  };
  const identity = await asWorkload("identity");
  const operator = await asWorkload("operator");

  const apply = async (
    accountId: AccountId,
    principalId: PrincipalId,
    state: PrincipalState,
    version: number,
  ): Promise<bigint> => {
    const kind = principalId.startsWith("svc_") ? PrincipalKind.SERVICE_USER : PrincipalKind.USER;
    const principal = { accountId, principalId, kind, state, version: BigInt(version) };
    return (await enforcement.applyPrincipal({ principal }, identity)).appliedVersion;
  };
  const enter = async ({ accountId, principalId }: Omit<Somebody, "apiKey">): Promise<Somebody> => {
    await apply(accountId, principalId, PrincipalState.ACTIVE, 1);
    const { token } = await credentials.createApiKey({ accountId, ownerId: principalId }, operator);
    return { accountId, principalId, apiKey: token };
  };
  const test: TestCredential = {
    withoutAcls,
    identityIsAway: false,
    database,
    credentials,
    sessions: createClient(SessionService, transport),
    verification: createClient(VerificationService, transport),
    enforcement,
    port,
    dataPort,
    flushUses: () => first.flushUses(),
    acme,
    globex,
    admin: await enter(people.admin),
    developer: await enter(people.developer),
    manager: await enter(people.manager),
    stranger: await enter(people.stranger),
    root: await enter(people.root),
    advance(ms) {
      nowMs += ms;
    },
    now: clock,
    async newRobot(accountId = acme) {
      const principalId = parsePrincipalId(newId("svc"));
      await apply(accountId, principalId, PrincipalState.ACTIVE, 1);
      return principalId;
    },
    apply: (principalId, state, version, accountId = acme) => apply(accountId, principalId, state, version),
    cutDatabase: () => first.cutDatabase(),
    async addReplica() {
      const replica = await startReplica({ ...common, name: `replica ${replicas.length + 1}` });
      replicas.push(replica);
      const baseUrl = `http://127.0.0.1:${replica.port}`;
      const verification = createClient(VerificationService, createGrpcTransport({ baseUrl }));
      return { port: replica.port, verification, cutDatabase: replica.cutDatabase };
    },
    async [Symbol.asyncDispose]() {
      await emptying.stop();
      await Promise.all(replicas.map((replica) => replica[Symbol.asyncDispose]()));
      await testDatabase.drop();
    },
  };
  return test;
}
