import { CatalogService } from "@portcullis/contracts/portcullis/authorization/v1/catalog_pb.ts";
import { CheckService, ObjectAction } from "@portcullis/contracts/portcullis/authorization/v1/check_pb.ts";
import { GrantService } from "@portcullis/contracts/portcullis/authorization/v1/grant_pb.ts";
import { GroupService } from "@portcullis/contracts/portcullis/authorization/v1/group_pb.ts";
import { ObjectService } from "@portcullis/contracts/portcullis/authorization/v1/object_pb.ts";
import {
  PolicyService,
  ServiceUserPolicy,
} from "@portcullis/contracts/portcullis/authorization/v1/policy_pb.ts";
import {
  BillingRole,
  DeveloperRole,
  RoleBindingService,
  TeamRole,
} from "@portcullis/contracts/portcullis/authorization/v1/role_binding_pb.ts";
import { RoleService } from "@portcullis/contracts/portcullis/authorization/v1/role_pb.ts";
import { AccountState } from "@portcullis/contracts/portcullis/common/v1/account_pb.ts";
import { PrincipalState } from "@portcullis/contracts/portcullis/common/v1/principal_pb.ts";
import type { RevocationReceipt } from "@portcullis/contracts/portcullis/common/v1/receipt_pb.ts";
import { ReceiptService } from "@portcullis/contracts/portcullis/common/v1/receipt_service_pb.ts";
import type { WatchRevocationsRequest } from "@portcullis/contracts/portcullis/common/v1/watch_pb.ts";
import { AccountEnforcementService } from "@portcullis/contracts/portcullis/enforcement/v1/account_enforcement_pb.ts";
import { newId, verifyReceipt } from "@portcullis/service";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { refusalOf, type Serving, serve } from "./testing/serving.ts";

const { VIEW, MODIFY } = ObjectAction;
const objectType = "dashboard";
const everyone = "grp_everyone";
let serving: Serving;
/** Two accounts with an administrator, `user_1` and `user_2` each. */
let home: string;
let foreign: string;
let admin: string;

beforeAll(async () => {
  serving = await serve();
});
afterAll(() => serving.stop());
beforeEach(async () => {
  home = newId("acct");
  foreign = newId("acct");
  admin = `${home}/user_admin`;
  for (const accountId of [home, foreign]) {
    for (const id of ["user_admin", "user_1", "user_2"]) await serving.tell(accountId, id);
    await serving.bind(accountId, "user_admin", "administrator");
  }
});

const checks = (who = "credential") => serving.as(CheckService, who);
const grants = () => serving.as(GrantService, admin);
const groups = () => serving.as(GroupService, admin);
const roles = () => serving.as(RoleService, admin);
const bindings = () => serving.as(RoleBindingService, admin);
const objects = () => serving.as(ObjectService, "gateway");
const ingestion = { permissionIds: ["ingestion"] };
const isAllowed = async (principalId: string, more = {}) => {
  const subject = { accountId: home, principalId };
  return (await checks().check({ subject, permissionId: "ingestion", ...more })).allowed;
};

/** What each operation answers that takes something away. */
type Taking = () => Promise<{ revision: bigint; receipt?: RevocationReceipt | undefined }>;

/** Each operation that takes something away, with what there must be before; by the name in the audit log. */
const takings: Readonly<Record<string, () => Promise<Taking>>> = {
  "permission.revoke": async () => {
    const request = { principalIds: ["user_1"], ...ingestion };
    await grants().grantPermissions(request);
    return () => grants().revokePermissions(request);
  },
  "role.unassign": async () => {
    const request = { principalIds: ["user_1"], roleIds: ["developer_read_only"] };
    await grants().assignRoles(request);
    return () => grants().unassignRoles(request);
  },
  "role.update": async () => {
    const roleId = await newRole();
    return () => roles().updateRole({ roleId, permissionIds: [], updateMask: { paths: ["permission_ids"] } });
  },
  "role.delete": async () => {
    const roleId = await newRole();
    return () => roles().deleteRole({ roleId, force: true });
  },
  "group.remove_members": async () => {
    const groupId = await newGroup();
    return () => groups().removeGroupMembers({ groupId, principalIds: ["user_1"] });
  },
  "group.remove_roles": async () => {
    const request = { groupId: everyone, roleIds: [await newRole()] };
    await groups().addGroupRoles(request);
    return () => groups().removeGroupRoles(request);
  },
  "group.delete": async () => {
    const groupId = await newGroup();
    return () => groups().deleteGroup({ groupId, force: true });
  },
  "role_binding.create": async () => {
    const request = { principalId: "user_1", roleId: "developer_read_write" };
    await bindings().createRoleBinding(request);
    return () => bindings().createRoleBinding({ ...request, roleId: "developer_read_only" });
  },
  "role_binding.delete": async () => {
    const request = { principalId: "user_1", roleId: "developer_read_write" };
    await bindings().createRoleBinding(request);
    return () => bindings().deleteRoleBinding(request);
  },
  "member.set_roles": async () => {
    const values = {
      developer: DeveloperRole.READ_ONLY,
      team: TeamRole.READ_ONLY,
      billing: BillingRole.NONE,
      administrator: false,
    };
    return () => bindings().setMemberRoles({ principalId: "user_1", roles: values });
  },
  "object.unregister": async () => {
    await register("d1");
    return () => objects().unregisterObjects({ accountId: home, objectType, objectIds: ["d1"] });
  },
  "object.set_access": async () => {
    await register("d1");
    return () => objects().setObjectAccess({ accountId: home, objectType, objectId: "d1", entries: [] });
  },
  "object.unshare": async () => {
    await register("d1");
    const share = { accountId: home, objectType, objectIds: ["d1"], holderIds: [everyone], action: VIEW };
    return () => objects().unshareObjects(share);
  },
  "policy.update": async () => {
    const serviceUserPolicy = ServiceUserPolicy.SCOPED;
    const updateMask = { paths: ["service_user_policy"] };
    return () => serving.as(PolicyService, admin).updateAccountPolicy({ serviceUserPolicy, updateMask });
  },
  "catalog.register": async () => () =>
    serving.as(CatalogService, "gateway").registerPermissions({ namespace: "receipted", version: 1n }),
};

async function newRole(): Promise<string> {
  const { role } = await roles().createRole({ displayName: newId("name"), ...ingestion });
  return role?.roleId ?? "";
}

async function newGroup(): Promise<string> {
  const { group } = await groups().createGroup({ displayName: newId("name") });
  const groupId = group?.groupId ?? "";
  await groups().addGroupMembers({ groupId, principalIds: ["user_1"] });
  return groupId;
}

const register = (objectId: string) =>
  objects().registerObjects({ accountId: home, objectType, objects: [{ objectId }] });

describe("what takes access away", () => {
  test.each(Object.keys(takings))(
    "answers with a receipt, and with where it stands in the log: %s",
    async (operation) => {
      const taking = await takings[operation]?.();
      const { revision, receipt } = (await taking?.()) ?? {};
      const { keys } = await serving.as(ReceiptService, "nobody/at-all").listReceiptKeys({});
      const ours = keys.map((key) => ({ ...key, issuer: "authorization" }));
      const found = receipt && verifyReceipt(receipt, ours);
      expect(found).toMatchObject({
        result: "valid",
        statement: {
          issuer: "authorization",
          operation,
          accountId: operation === "catalog.register" ? "" : home,
          enforcements: [{ service: "authorization", revision }],
        },
      });
      expect(revision).toBeGreaterThan(0n);
    },
  );

  test("repeated, and where it finds nothing to take, has a receipt of its own that is of no earlier moment", async () => {
    const request = { principalIds: ["user_1"], ...ingestion, requestId: "r-1" };
    await grants().grantPermissions({ ...request, requestId: "r-0" });
    const first = await grants().revokePermissions(request);
    for (const again of [request, { ...request, requestId: "" }]) {
      const { revision, receipt } = await grants().revokePermissions(again);
      expect(revision).toBeGreaterThanOrEqual(first.revision);
      expect(receipt?.statement?.enforcements).toMatchObject([{ revision }]);
    }
  });

  test("a role that takes no other's place takes nothing away", async () => {
    const given = await bindings().createRoleBinding({ principalId: "user_1", roleId: "billing_access" });
    expect(given.receipt).toBeUndefined();
    expect(given.revision).toBeGreaterThan(0n);
  });

  test("identity is told of principals and accounts that they are in force", async () => {
    const { enforcement } = await serving.tell(home, "user_1", {
      state: PrincipalState.INACTIVE,
      version: 2n,
    });
    expect(enforcement).toMatchObject({ service: "authorization", verifiers: [{ outcome: 1 }] });
    const suspended = { accountId: home, state: AccountState.SUSPENDED, version: 2n };
    const told = await serving.as(AccountEnforcementService, "identity").applyAccount(suspended);
    expect(told.enforcement?.revision).toBeGreaterThan(enforcement?.revision ?? 0n);
  });

  test("what nobody can have asked about has no place in the log", async () => {
    expect((await roles().createRole({ displayName: "Role", ...ingestion })).revision).toBe(0n);
    expect((await groups().createGroup({ displayName: "Group" })).revision).toBe(0n);
  });
});

describe("revisions", () => {
  test("are one count for the whole service, and an answer is of the change's, or later", async () => {
    const { revision } = await grants().grantPermissions({ principalIds: ["user_1"], ...ingestion });
    const subject = { accountId: foreign, principalId: "user_1" };
    const answer = await checks().check({ subject, permissionId: "ingestion", minRevision: revision });
    expect(answer.evaluatedRevision).toBeGreaterThanOrEqual(revision);
    const next = { minRevision: answer.evaluatedRevision + 1_000n };
    const of = { accountId: home, principalId: "user_1", ...next };
    const refusals = [
      checks().check({ subject, permissionId: "ingestion", ...next }),
      checks().batchCheck({
        accountId: home,
        items: [{ principalId: "user_1", permissionId: "x" }],
        ...next,
      }),
      checks().listPermissions(of),
      checks().explain({ ...of, permissionId: "ingestion" }),
      checks().listSubjects({ accountId: home, permissionId: "ingestion", ...next }),
    ];
    expect(await Promise.all(refusals.map(refusalOf))).toEqual(refusals.map(() => "REVISION_UNKNOWN"));
  });

  test("are told of unknown subjects too", async () => {
    const { revision } = await grants().grantPermissions({ principalIds: ["user_1"], ...ingestion });
    const subject = { accountId: home, principalId: "user_none" };
    const unknown = await checks().check({ subject, permissionId: "ingestion", minRevision: revision });
    expect(unknown.evaluatedRevision).toBeGreaterThanOrEqual(revision);
  });
});

describe("caches that follow", () => {
  test("are told what an answer depends on, where they ask", async () => {
    const groupId = await newGroup();
    const roleId = await newRole();
    await groups().addGroupRoles({ groupId, roleIds: [roleId] });
    await register("d1");
    const subject = { accountId: home, principalId: "user_1" };
    const object = { objectType, objectId: "d1", action: VIEW };
    const question = { permissionId: "ingestion", object };
    const { cache } = await checks().check({ subject, ...question, forCache: true });
    const expected = [
      `account:${home}`,
      "catalog:all",
      `group:${home}/${groupId}`,
      `group:${home}/${everyone}`,
      `object:${home}/${objectType}/d1`,
      `principal:${home}/user_1`,
      `role:${home}/${roleId}`,
    ];
    expect(cache?.scopes.toSorted()).toEqual(expected);
    expect((await checks().check({ subject, ...question })).cache).toBeUndefined();
    // A token's own end is in another log.
    const byToken = { token: `${home}/user_1`, ...question, forCache: true };
    const ofToken = await checks().check(byToken);
    expect(ofToken).toMatchObject({ allowed: true });
    expect(ofToken.cache).toBeUndefined();
    const items = [
      { principalId: "user_1", ...question },
      { principalId: "user_none", permissionId: "ingestion" },
    ];
    const { results } = await checks().batchCheck({ accountId: home, items, forCache: true });
    expect(results.map((result) => result.cache?.scopes.toSorted())).toEqual([
      expected,
      [`principal:${home}/user_none`],
    ]);
  });

  test("are told of their account's changes and of the catalogue's, not of other accounts'", async () => {
    const toSend = Promise.withResolvers<void>();
    const leased = Promise.withResolvers<number>();
    async function* requests(): AsyncIterable<Pick<WatchRevocationsRequest, "message">> {
      yield {
        message: { case: "renew", value: { $typeName: "portcullis.common.v1.LeaseRequest", nonce: 7n } },
      };
      await toSend.promise;
    }
    const seen: string[] = [];
    const stream = checks(admin).watchRevocations(requests());
    const watch = (async () => {
      for await (const { message } of stream) {
        if (message.case === "entry") seen.push(...message.value.scopes);
        if (message.case === "lease") leased.resolve(message.value.ttlMs);
      }
    })();
    expect(await leased.promise).toBeGreaterThan(0);
    await serving.tell(foreign, "user_1", { state: PrincipalState.LOCKED, version: 2n });
    const catalog = serving.as(CatalogService, "gateway");
    await catalog.registerPermissions({ namespace: "watched", version: 1n });
    await serving.tell(home, "user_1", { state: PrincipalState.LOCKED, version: 2n });
    toSend.resolve();
    await watch;
    expect(seen).toEqual(["catalog:all", `principal:${home}/user_1`]);
  });
});

test("a check that starts when access was taken away denies, however often it was allowed before", async () => {
  const groupId = await newGroup();
  const roleId = await newRole();
  await groups().addGroupRoles({ groupId, roleIds: [roleId] });
  for (let round = 0; round < 3; round++) {
    expect(await isAllowed("user_1")).toBe(true);
    await groups().removeGroupRoles({ groupId, roleIds: [roleId] });
    expect(await isAllowed("user_1")).toBe(false);
    await groups().addGroupRoles({ groupId, roleIds: [roleId] });
  }
  const object = { objectType, objectId: "d1", action: VIEW };
  expect(await isAllowed("user_1", { object })).toBe(false);
  await register("d1");
  expect(await isAllowed("user_1", { object })).toBe(true);
  expect(await isAllowed("user_1", { object: { ...object, action: MODIFY } })).toBe(false);
  await objects().unregisterObjects({ accountId: home, objectType, objectIds: ["d1"] });
  expect(await isAllowed("user_1", { object })).toBe(false);
});
