import type { DescService, MessageInitShape } from "@bufbuild/protobuf";
import { type Client, createClient, type Interceptor, type Transport } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import {
  Health,
  HealthCheckResponse_ServingStatus as Status,
} from "@portcullis/contracts/grpc/health/v1/health_pb.ts";
import { CatalogService } from "@portcullis/contracts/portcullis/authorization/v1/catalog_pb.ts";
import { CheckReason, CheckService } from "@portcullis/contracts/portcullis/authorization/v1/check_pb.ts";
import { RoleBindingService } from "@portcullis/contracts/portcullis/authorization/v1/role_binding_pb.ts";
import { RoleAspect, RoleService } from "@portcullis/contracts/portcullis/authorization/v1/role_pb.ts";
import { PrincipalKind, PrincipalState } from "@portcullis/contracts/portcullis/common/v1/principal_pb.ts";
import {
  type ApplyPrincipalRequestSchema,
  PrincipalEnforcementService,
} from "@portcullis/contracts/portcullis/enforcement/v1/principal_enforcement_pb.ts";
import { DomainError } from "@portcullis/errors";
import {
  type ApiKeyAuthenticator,
  createLogger,
  createMetrics,
  createWorkloadTokenSource,
  newId,
  type RunningServer,
  reasonOf,
} from "@portcullis/service";
import { testReceiptKeys } from "@portcullis/service/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { parsePrincipalRef } from "./domain/ids.ts";
import { createReceipts } from "./receipts.ts";
import { startAuthorizationServer } from "./server.ts";
import { type OpenedDatabase, openTestDatabase } from "./testing/database.ts";

const workloadKey = new Uint8Array(32).fill(7);
const transports = new Map<string, Transport>();

/** A key is the account and principal that it belongs to. */
const apiKeys: ApiKeyAuthenticator = {
  async authenticate(apiKey) {
    const [accountId, principalId] = apiKey.split("/");
    if (accountId === undefined || principalId === undefined) {
      throw new DomainError("CREDENTIALS_INVALID", "The API key is not valid.");
    }
    return { kind: "principal", accountId, principalId, credentialId: "cred_1" };
  },
};

let opened: OpenedDatabase;
let server: RunningServer;
let baseUrl: string;
/** Two accounts of each test's own, with an administrator `user_admin` and a developer `user_dev` each. */
let home: string;
let foreign: string;

beforeAll(async () => {
  opened = await openTestDatabase();
  server = await startAuthorizationServer({
    host: "127.0.0.1",
    port: 0,
    database: opened.database,
    memory: opened.memory,
    apiKeys,
    // A token, too, is the account and principal it belongs to; any other is not good.
    tokens: {
      async prove(token) {
        const [accountId = "", principalId = ""] = token.split("/");
        return parsePrincipalRef(accountId, principalId);
      },
    },
    workloadKey,
    receipts: createReceipts(testReceiptKeys, opened.database.db, createLogger("authorization", "silent")),
    callTimeoutMs: 20_000,
    log: createLogger("authorization", "silent"),
    metrics: createMetrics("authorization"),
    now: () => new Date(),
  });
  baseUrl = `http://127.0.0.1:${server.port}`;
});

afterAll(async () => {
  await server.close(0);
  await opened.end();
});

beforeEach(async () => {
  home = newId("acct");
  foreign = newId("acct");
  for (const accountId of [home, foreign]) {
    await tell(accountId, "user_admin");
    await tell(accountId, "user_dev");
    await give("operator", accountId, "user_admin", "administrator");
    await give("operator", accountId, "user_dev", "developer_read_write");
  }
});

/** A client over gRPC that sends this bearer: a workload's token, or an API key. */
function as<Service extends DescService>(service: Service, who: string): Client<Service> {
  const transport = transports.get(who) ?? createGrpcTransport({ baseUrl, interceptors: [bearer(who)] });
  transports.set(who, transport);
  return createClient(service, transport);
}

function bearer(who: string): Interceptor {
  const isKey = who.includes("/");
  const token = isKey ? async () => who : createWorkloadTokenSource(workloadKey, who, "authorization");
  return (next) => async (request) => {
    if (who !== "") request.header.set("authorization", `Bearer ${await token()}`);
    return next(request);
  };
}

interface Told {
  readonly kind?: PrincipalKind;
  readonly state?: PrincipalState;
  readonly version?: bigint;
  readonly superAdmin?: boolean;
}

function tell(accountId: string, principalId: string, changes: Told = {}, who = "identity") {
  const { kind = PrincipalKind.USER, state = PrincipalState.ACTIVE, version = 1n } = changes;
  const principal = { accountId, principalId, kind, state, version, superAdmin: changes.superAdmin ?? false };
  return as(PrincipalEnforcementService, who).applyPrincipal({ principal });
}

function give(who: string, accountId: string, principalId: string, roleId: string, requestId = "") {
  const request = { accountId, principalId, roleId, requestId };
  return as(RoleBindingService, who).createRoleBinding(request);
}

function take(who: string, accountId: string, principalId: string, roleId: string) {
  return as(RoleBindingService, who).deleteRoleBinding({ accountId, principalId, roleId });
}

function check(
  who: string,
  subjectAccount: string,
  principalId: string,
  permissionId: string,
  accountId = "",
) {
  const subject = { accountId: subjectAccount, principalId };
  return as(CheckService, who).check({ subject, permissionId, accountId });
}

/** Reason, code and message of a refused call: all that a caller can tell. */
async function refusal(call: Promise<unknown>): Promise<{ reason: string | undefined; text: string }> {
  const error: unknown = await call.then(
    () => new Error("the call was not refused"),
    (thrown: unknown) => thrown,
  );
  return { reason: reasonOf(error), text: String(error) };
}

describe("ApplyPrincipal", () => {
  test("is for identity alone", async () => {
    for (const who of ["credential", "gateway", "operator", `${home}/user_admin`]) {
      const refused = await refusal(tell(home, "user_new", {}, who));
      expect(refused.reason).toBe("PERMISSION_DENIED");
    }
  });

  test("answers with what is in force, told just now or before", async () => {
    const inForce = {
      appliedVersion: 4n,
      appliedState: PrincipalState.INACTIVE,
      appliedSuperAdmin: true,
    };
    const told = { version: 4n, state: PrincipalState.INACTIVE, superAdmin: true };
    expect(await tell(home, "user_new", told)).toMatchObject(inForce);
    for (const version of [3n, 4n]) {
      expect(await tell(home, "user_new", { version })).toMatchObject(inForce);
    }
  });

  test.each<[string, MessageInitShape<typeof ApplyPrincipalRequestSchema>]>([
    ["no principal", {}],
    ["no account", { principal: { principalId: "user_1", kind: 1, state: 1, version: 1n } }],
    ["a NUL", { principal: { accountId: "a\0", principalId: "user_1", kind: 1, state: 1, version: 1n } }],
    ["no kind", { principal: { accountId: "acct_1", principalId: "user_1", state: 1, version: 1n } }],
    ["no state", { principal: { accountId: "acct_1", principalId: "user_1", kind: 1, version: 1n } }],
    ["no version", { principal: { accountId: "acct_1", principalId: "user_1", kind: 1, state: 1 } }],
  ])("takes no half a principal: %s", async (_what, request) => {
    const refused = await refusal(as(PrincipalEnforcementService, "identity").applyPrincipal(request));
    expect(refused.reason).toBe("VALIDATION_FAILED");
  });

  test("takes access away at once", async () => {
    const key = `${home}/user_dev`;
    expect((await as(RoleService, key).listRoles({})).roles).toHaveLength(8);
    await tell(home, "user_dev", { state: PrincipalState.INACTIVE, version: 2n });
    expect((await refusal(as(RoleService, key).listRoles({}))).reason).toBe("PERMISSION_DENIED");
    expect((await check("credential", home, "user_dev", "authorization.check")).reason).toBe(
      CheckReason.SUBJECT_INACTIVE,
    );
    await tell(home, "user_dev", { state: PrincipalState.DELETED, version: 3n });
    expect(await check("credential", home, "user_dev", "authorization.check")).toMatchObject({
      allowed: false,
      reason: CheckReason.SUBJECT_UNKNOWN,
      subjectVersion: 0n,
    });
  });
});

describe("PreviewPrincipal", () => {
  test("tells identity, and nobody else, how many roles there are", async () => {
    const preview = (who: string, principalId: string) =>
      as(PrincipalEnforcementService, who).previewPrincipal({ accountId: home, principalId });
    await give("operator", home, "user_dev", "team_manager");
    expect((await preview("identity", "user_dev")).dependents).toMatchObject([
      { kind: "role_bindings", count: 2n },
    ]);
    expect((await preview("identity", "user_none")).dependents).toEqual([]);
    expect((await refusal(preview("credential", "user_dev"))).reason).toBe("PERMISSION_DENIED");
  });
});

describe("role bindings", () => {
  test("are given and taken by administrators, not by developers", async () => {
    await tell(home, "user_new");
    const admin = `${home}/user_admin`;
    const developer = `${home}/user_dev`;
    const refused = await refusal(give(developer, "", "user_new", "team_manager"));
    expect(refused.reason).toBe("PERMISSION_DENIED");

    const { roleBinding } = await give(admin, "", "user_new", "team_manager");
    expect(roleBinding).toMatchObject({ accountId: home, principalId: "user_new", roleId: "team_manager" });
    expect(roleBinding?.createTime).toBeDefined();
    expect((await check(admin, home, "user_new", "identity.members.manage")).allowed).toBe(true);

    expect((await refusal(take(developer, "", "user_new", "team_manager"))).reason).toBe("PERMISSION_DENIED");
    await take(admin, "", "user_new", "team_manager");
    expect((await check(admin, home, "user_new", "identity.members.manage")).allowed).toBe(false);
  });

  test("are not given by team managers nor by service users", async () => {
    await tell(home, "user_manager");
    await tell(home, "svc_1", { kind: PrincipalKind.SERVICE_USER });
    await give("operator", home, "user_manager", "team_manager");
    for (const who of [`${home}/user_manager`, `${home}/svc_1`]) {
      const refused = await refusal(give(who, "", "user_dev", "team_read_only"));
      expect(refused.reason).toBe("PERMISSION_DENIED");
    }
  });

  test("are refused with the reason that the contract names", async () => {
    const admin = `${home}/user_admin`;
    await tell(home, "svc_1", { kind: PrincipalKind.SERVICE_USER });
    const reasons = [
      await refusal(give(admin, "", "user_none", "administrator")),
      await refusal(give(admin, "", "not an id\0", "administrator")),
      await refusal(give(admin, "", "svc_1", "administrator")),
      await refusal(give(admin, "", "user_dev", "owner")),
      await refusal(take(admin, "", "user_dev", "administrator")),
      await refusal(take(admin, "", "user_admin", "administrator")),
      await refusal(give(admin, "", "", "administrator")),
      await refusal(give("operator", "", "user_dev", "administrator")),
    ].map(({ reason }) => reason);
    expect(reasons).toEqual([
      "PRINCIPAL_NOT_FOUND",
      "PRINCIPAL_NOT_FOUND",
      "SERVICE_USER_ROLES_FIXED",
      "ROLE_NOT_FOUND",
      "ROLE_BINDING_NOT_FOUND",
      "LAST_ADMINISTRATOR",
      "VALIDATION_FAILED",
      "ACCOUNT_NOT_FOUND",
    ]);
  });

  test("are given once for a request id", async () => {
    const admin = `${home}/user_admin`;
    const first = await give(admin, "", "user_dev", "team_manager", "r-1");
    const again = await give(admin, "", "user_dev", "team_manager", "r-1");
    expect(again.roleBinding).toEqual(first.roleBinding);
    const other = await refusal(give(admin, "", "user_dev", "team_read_only", "r-1"));
    expect(other.reason).toBe("REQUEST_ID_REUSED");
  });

  test("are listed in pages, of one principal or of all", async () => {
    const client = as(RoleBindingService, `${home}/user_dev`);
    const all = await client.listRoleBindings({});
    expect(all.roleBindings.map(({ principalId, roleId }) => [principalId, roleId])).toEqual([
      ["user_admin", "administrator"],
      ["user_dev", "developer_read_write"],
    ]);
    expect(all.nextPageToken).toBe("");
    const first = await client.listRoleBindings({ pageSize: 1 });
    const second = await client.listRoleBindings({ pageSize: 1, pageToken: first.nextPageToken });
    expect([...first.roleBindings, ...second.roleBindings]).toEqual(all.roleBindings);
    const one = await client.listRoleBindings({ principalId: "user_dev" });
    expect(one.roleBindings).toEqual(second.roleBindings);
    const wrong = { pageToken: first.nextPageToken, principalId: "user_dev" };
    expect((await refusal(client.listRoleBindings(wrong))).reason).toBe("PAGE_TOKEN_INVALID");
  });
});

describe("another account", () => {
  test("answers as one that does not exist", async () => {
    const none = newId("acct");
    const admin = `${home}/user_admin`;
    const bindings = as(RoleBindingService, admin);
    const calls = [
      (accountId: string) => give(admin, accountId, "user_dev", "administrator"),
      (accountId: string) => take(admin, accountId, "user_dev", "developer_read_write"),
      (accountId: string) => bindings.listRoleBindings({ accountId }),
      (accountId: string) => check(admin, home, "user_dev", "authorization.check", accountId),
    ];
    for (const call of calls) {
      const refused = await refusal(call(foreign));
      expect(refused.reason).toBe("ACCOUNT_NOT_FOUND");
      expect(refused).toEqual(await refusal(call(none)));
    }
  });

  test("has no tokens to ask about", async () => {
    const ask = (who: string, token: string, permissionId = "authorization.check") =>
      as(CheckService, who).check({ token, permissionId });
    const admin = `${home}/user_admin`;
    const good = await ask(admin, `${home}/user_dev`);
    expect(good).toMatchObject({
      allowed: true,
      reason: CheckReason.ROLE,
      subject: { accountId: home, principalId: "user_dev" },
    });
    expect((await ask(admin, `${home}/user_dev`, "identity.account.update")).allowed).toBe(false);
    const refused = await ask(admin, "not good");
    expect(refused).toMatchObject({ allowed: false, reason: CheckReason.TOKEN_REFUSED });
    expect(refused.subject).toBeUndefined();
    expect(await ask(admin, `${foreign}/user_dev`)).toEqual(refused);
    expect((await ask("gateway", `${foreign}/user_dev`)).allowed).toBe(true);
  });

  test("is asked about a subject or a token, not both and not neither", async () => {
    const checks = as(CheckService, "gateway");
    const subject = { accountId: home, principalId: "user_dev" };
    const permissionId = "authorization.check";
    for (const request of [{ permissionId }, { permissionId, subject, token: `${home}/user_dev` }]) {
      expect((await refusal(checks.check(request))).reason).toBe("VALIDATION_FAILED");
    }
  });

  test("has no subjects to ask about", async () => {
    const admin = `${home}/user_admin`;
    const unknown = await check(admin, newId("acct"), "user_dev", "authorization.check");
    expect(unknown).toMatchObject({
      allowed: false,
      reason: CheckReason.SUBJECT_UNKNOWN,
      subjectVersion: 0n,
    });
    expect(await check(admin, foreign, "user_dev", "authorization.check")).toEqual(unknown);
    expect(await check(admin, foreign, "user_dev", "authorization.check", home)).toEqual(unknown);
    expect(await check(admin, home, "user_none", "authorization.check")).toEqual(unknown);
    expect(await check(admin, "\0", "user_dev", "authorization.check")).toEqual(unknown);
  });

  test("is reached by services and by super administrators", async () => {
    await tell(home, "user_op", { superAdmin: true });
    for (const who of ["credential", "identity", "gateway", `${home}/user_op`]) {
      expect(await check(who, foreign, "user_dev", "authorization.check")).toMatchObject({
        allowed: true,
        reason: CheckReason.ROLE,
        subjectVersion: 1n,
      });
    }
    await give(`${home}/user_op`, foreign, "user_dev", "administrator");
    expect(await check("credential", foreign, "user_dev", "billing.account.read")).toMatchObject({
      allowed: true,
    });
  });
});

describe("Check", () => {
  test("tells why", async () => {
    await tell(home, "user_op", { superAdmin: true });
    await tell(home, "svc_1", { kind: PrincipalKind.SERVICE_USER });
    const ask = async (principalId: string, permissionId: string, accountId = "") => {
      const { allowed, reason } = await check("credential", home, principalId, permissionId, accountId);
      return [allowed, reason];
    };
    const lock = "installation.service_users.lock";
    expect(await ask("user_op", lock, foreign)).toEqual([true, CheckReason.SUPER_ADMIN]);
    expect(await ask("user_op", "no.such.permission")).toEqual([false, CheckReason.NOT_GRANTED]);
    expect(await ask("user_admin", "identity.account.update")).toEqual([true, CheckReason.ROLE]);
    expect(await ask("user_admin", "identity.account.update", foreign)).toEqual([
      false,
      CheckReason.NOT_GRANTED,
    ]);
    expect(await ask("user_admin", lock)).toEqual([false, CheckReason.NOT_GRANTED]);
    expect(await ask("svc_1", "credential.credentials.write")).toEqual([
      true,
      CheckReason.SERVICE_USER_POLICY,
    ]);
    expect(await ask("svc_1", "identity.service_users.write")).toEqual([false, CheckReason.NOT_GRANTED]);
  });

  test("is not for strangers, nor for services that are not named", async () => {
    expect((await refusal(check("", home, "user_dev", "authorization.check"))).reason).toBe(
      "CREDENTIALS_MISSING",
    );
    expect((await refusal(check("operator", home, "user_dev", "authorization.check"))).reason).toBe(
      "PERMISSION_DENIED",
    );
    const removed = `${home}/user_none`;
    expect((await refusal(check(removed, home, "user_dev", "authorization.check"))).reason).toBe(
      "PERMISSION_DENIED",
    );
  });
});

test("roles are told with aspect and permissions, in order", async () => {
  const { roles } = await as(RoleService, `${home}/user_dev`).listRoles({});
  expect(roles.map(({ roleId, aspect }) => [roleId, aspect])).toEqual([
    ["administrator", RoleAspect.ADMINISTRATOR],
    ["developer_read_write", RoleAspect.DEVELOPER],
    ["developer_read_only", RoleAspect.DEVELOPER],
    ["team_manager", RoleAspect.TEAM],
    ["team_invite_only", RoleAspect.TEAM],
    ["team_read_only", RoleAspect.TEAM],
    ["billing_access", RoleAspect.BILLING],
    ["billing_none", RoleAspect.BILLING],
  ]);
  for (const { permissionIds } of roles) expect(permissionIds).toEqual(permissionIds.toSorted());
});

test("the catalogue is told by id", async () => {
  const client = as(CatalogService, `${home}/user_dev`);
  const { permissions } = await client.listCatalogPermissions({});
  const ids = permissions.map(({ permissionId }) => permissionId);
  expect(ids).toEqual(expect.arrayContaining(["authorization.check", "user_management"]));
  expect(ids).toEqual(ids.toSorted());
  expect((await refusal(as(CatalogService, "").listCatalogPermissions({}))).reason).toBe(
    "CREDENTIALS_MISSING",
  );
});

test("is healthy while its database answers", async () => {
  const health = as(Health, "");
  const checkService = await health.check({ service: CheckService.typeName });
  expect(checkService.status).toBe(Status.SERVING);
});
