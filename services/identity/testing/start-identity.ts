import { randomBytes } from "node:crypto";
import { type Client, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { AccountService } from "@portcullis/contracts/portcullis/identity/v1/account_pb.ts";
import { InstallationService } from "@portcullis/contracts/portcullis/identity/v1/installation_pb.ts";
import { InvitationService } from "@portcullis/contracts/portcullis/identity/v1/invitation_pb.ts";
import { MembershipService } from "@portcullis/contracts/portcullis/identity/v1/membership_pb.ts";
import { ServiceUserService } from "@portcullis/contracts/portcullis/identity/v1/service_user_pb.ts";
import { SignInService } from "@portcullis/contracts/portcullis/identity/v1/sign_in_pb.ts";
import { SuperAdminService } from "@portcullis/contracts/portcullis/identity/v1/super_admin_pb.ts";
import { UserService } from "@portcullis/contracts/portcullis/identity/v1/user_pb.ts";
import { type Database, openDatabase } from "@portcullis/postgres";
import { createTestDatabase } from "@portcullis/postgres/testing";
import { type Authorizer, createLogger, createMetrics, newId, type SecurityDeps } from "@portcullis/service";
import { createTestSecurity, testReceiptKeys, testWorkloadToken } from "@portcullis/service/testing";
import type { AccountId } from "../domain/ids.ts";
import { parseAccountId } from "../domain/ids.ts";
import { sendMailsOnce } from "../domain/send-mails.ts";
import { createReceipts } from "../receipts.ts";
import type { IdentityDeps } from "../rpc/deps.ts";
import { createArgon2Passwords } from "../secrets/argon2-passwords.ts";
import { createTotpCodes } from "../secrets/otplib-totp-codes.ts";
import { createSealer } from "../secrets/sealer.ts";
import { createSignInAttempts } from "../secrets/sign-in-attempts.ts";
import { createTotpSecrets } from "../secrets/totp-secrets.ts";
import { startIdentityServer } from "../server.ts";
import { createStores } from "../store/create-stores.ts";
import { migrations } from "../store/migrations/index.ts";
import type { Schema } from "../store/schema.ts";
import { GrantingMemoryEnforcer, MemoryEnforcer } from "./memory-enforcer.ts";
import { MemoryMailer } from "./memory-mailer.ts";
import { MemoryMemberGuard } from "./memory-member-guard.ts";
import { MemorySessions } from "./memory-sessions.ts";
import { createPermissionGrantPolicy } from "./permission-grant-policy.ts";

/** Identity as it runs, on a real Postgres, with enforcers in memory in place of the other services. */
export interface TestIdentity extends AsyncDisposable {
  readonly deps: IdentityDeps;
  readonly database: Database<Schema>;
  readonly port: number;
  /** Two accounts that exist. */
  readonly acme: AccountId;
  readonly globex: AccountId;
  readonly credential: MemoryEnforcer;
  readonly authorization: GrantingMemoryEnforcer;
  readonly serviceUsers: Client<typeof ServiceUserService>;
  readonly accounts: Client<typeof AccountService>;
  readonly installation: Client<typeof InstallationService>;
  readonly users: Client<typeof UserService>;
  readonly signIns: Client<typeof SignInService>;
  readonly invitations: Client<typeof InvitationService>;
  readonly superAdmins: Client<typeof SuperAdminService>;
  readonly memberships: Client<typeof MembershipService>;
  readonly guard: MemoryMemberGuard;
  readonly sessions: MemorySessions;
  readonly mailer: MemoryMailer;
  /** Lets time pass for everything but the database's own clock. */
  advance(ms: number): void;
  now(): Date;
  /** Everybody who has tried too often may try again. */
  forgetAttempts(): void;
  /** Sends every mail there is. */
  sendMails(): Promise<void>;
}

/** Call options for somebody: `admin`, `inviter`, `developer` and `stranger` (of globex), `root`. */
export function as(apiKey: string) {
  return { headers: { authorization: `Bearer ${apiKey}` } };
}

/** Call options for a service of the installation. */
export async function asWorkload(name: string) {
  return as(await testWorkloadToken(name, "identity"));
}

/** What secrets are sealed with. */
export const testEncryptionKey = { id: "test", key: randomBytes(32) };

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
  const authorization = new GrantingMemoryEnforcer("authorization");
  let nowMs = Date.now();
  let attemptsMs = 0;
  const clock = () => new Date(nowMs);
  const enforcerNames = ["credential", "authorization"];
  const sessions = new MemorySessions();
  const mailer = new MemoryMailer();
  const guard = new MemoryMemberGuard();
  const authorizer: Authorizer = { decide: (...asked) => security.authorizer.decide(...asked) };
  const deps: IdentityDeps = {
    ...createStores(database.db, { clock, newId, enforcerNames }),
    enforcers: [credential, authorization],
    sessions,
    memberGuard: guard,
    grantPolicy: createPermissionGrantPolicy(authorizer),
    // As production's, at the least cost there is.
    passwords: await createArgon2Passwords({ cost: { memoryCost: 8, timeCost: 1, parallelism: 1 } }),
    totpCodes: createTotpCodes(createTotpSecrets(createSealer([testEncryptionKey]))),
    signInAttempts: createSignInAttempts(() => nowMs + attemptsMs),
    mailer,
    publicUrl: "https://portcullis.example",
    receipts: createReceipts(testReceiptKeys, database.db, createLogger("identity", "silent")),
    randomBytes,
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
    "identity.account.delete",
    "identity.members.read",
    "identity.members.manage",
    "identity.members.invite",
  ];
  const administrator = [
    "authorization.role_bindings.write",
    "credential.credentials.write",
    "billing.account.manage",
  ];
  const security = withSessions(
    sessions,
    createTestSecurity("identity", {
      root: { accountId: acme, principalId: "user_root", permissions: "all" },
      admin: { accountId: acme, principalId: "user_admin", permissions: [...writer, ...administrator] },
      inviter: {
        accountId: acme,
        principalId: "user_inviter",
        permissions: ["identity.members.invite", "credential.credentials.write"],
      },
      developer: { accountId: acme, principalId: "svc_dev", permissions: ["identity.service_users.read"] },
      stranger: { accountId: globex, principalId: "user_stranger", permissions: writer },
    }),
  );
  const server = await startIdentityServer({
    host: "127.0.0.1",
    port: 0,
    security,
    log: createLogger("identity", "silent"),
    metrics: createMetrics("identity"),
    probe: (signal) => database.ping(signal),
    deps,
  });
  const transport = createGrpcTransport({ baseUrl: `http://127.0.0.1:${server.port}` });
  return {
    deps,
    database,
    port: server.port,
    acme,
    globex,
    credential,
    authorization,
    serviceUsers: createClient(ServiceUserService, transport),
    accounts: createClient(AccountService, transport),
    installation: createClient(InstallationService, transport),
    users: createClient(UserService, transport),
    signIns: createClient(SignInService, transport),
    invitations: createClient(InvitationService, transport),
    superAdmins: createClient(SuperAdminService, transport),
    memberships: createClient(MembershipService, transport),
    guard,
    sessions,
    mailer,
    advance(ms) {
      nowMs += ms;
    },
    now: clock,
    forgetAttempts() {
      attemptsMs += 3_600_000;
    },
    async sendMails() {
      const signal = AbortSignal.timeout(10_000);
      const fail = (error: unknown) => {
        throw error;
      };
      while ((await sendMailsOnce(deps, fail, signal)) > 0);
    },
    async [Symbol.asyncDispose]() {
      await server.close(0);
      await database.close();
      await testDatabase.drop();
    },
  };
}

/** Sessions that were created prove their callers. */
function withSessions(sessions: MemorySessions, security: SecurityDeps): SecurityDeps {
  return {
    ...security,
    apiKeys: {
      async authenticate(token, peerAddress, signal) {
        const session = sessions.find(token);
        if (session === undefined) return security.apiKeys.authenticate(token, peerAddress, signal);
        const { member, groupId } = session;
        return {
          kind: "principal",
          accountId: member.accountId,
          principalId: member.id,
          credentialId: `cred_${token}`,
          session: { groupId, userId: member.userId },
        };
      },
    },
  };
}

async function insertAccount(deps: IdentityDeps, displayName: string): Promise<AccountId> {
  const id = parseAccountId(newId("acct"));
  const now = deps.clock();
  const account = {
    id,
    displayName,
    planId: "unlimited",
    mfaRequired: false,
    state: "active" as const,
    createdAt: now,
    updatedAt: now,
    version: 1,
  };
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
