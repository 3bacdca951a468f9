import { CatalogService } from "@portcullis/contracts/portcullis/authorization/v1/catalog_pb.ts";
import {
  CheckReason,
  CheckService,
  PermissionSourceKind as From,
  Obstacle,
  Remedy,
} from "@portcullis/contracts/portcullis/authorization/v1/check_pb.ts";
import { GrantService } from "@portcullis/contracts/portcullis/authorization/v1/grant_pb.ts";
import { GroupService } from "@portcullis/contracts/portcullis/authorization/v1/group_pb.ts";
import {
  NewObjectAccess,
  PolicyService,
  ServiceUserPolicy,
} from "@portcullis/contracts/portcullis/authorization/v1/policy_pb.ts";
import { RoleService } from "@portcullis/contracts/portcullis/authorization/v1/role_pb.ts";
import { PrincipalState } from "@portcullis/contracts/portcullis/common/v1/principal_pb.ts";
import { newId } from "@portcullis/service";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { refusalOf, type Serving, serve } from "./testing/serving.ts";

const everyone = "grp_everyone";
let serving: Serving;
/** An account of each test's own, with `user_admin`, an administrator, and `user_a`, `user_b`, `svc_1`. */
let home: string;
let admin: string;
let namespaces = 0;

beforeAll(async () => {
  serving = await serve();
});
afterAll(() => serving.stop());
beforeEach(async () => {
  home = newId("acct");
  admin = `${home}/user_admin`;
  for (const id of ["user_admin", "user_a", "user_b"]) await serving.tell(home, id);
  await serving.tell(home, "svc_1", { service: true });
  await serving.bind(home, "user_admin", "administrator");
});

const roles = (who = admin) => serving.as(RoleService, who);
const groups = (who = admin) => serving.as(GroupService, who);
const grants = (who = admin) => serving.as(GrantService, who);
const policies = (who = admin) => serving.as(PolicyService, who);
const checks = () => serving.as(CheckService, "credential");

async function may(principalId: string, permissionId: string): Promise<boolean> {
  const subject = { accountId: home, principalId };
  return (await checks().check({ subject, permissionId })).allowed;
}

async function held(principalId: string): Promise<readonly string[]> {
  const { permissions } = await checks().listPermissions({ accountId: home, principalId });
  return permissions.map(({ permissionId }) => permissionId);
}

async function newRole(displayName: string, permissionIds: string[], who = admin): Promise<string> {
  return (await roles(who).createRole({ displayName, permissionIds })).role?.roleId ?? "";
}

async function newGroup(displayName: string): Promise<string> {
  return (await groups().createGroup({ displayName })).group?.groupId ?? "";
}

const scope = () =>
  policies().updateAccountPolicy({
    serviceUserPolicy: ServiceUserPolicy.SCOPED,
    updateMask: { paths: ["service_user_policy"] },
  });

/** A person who manages permissions, and holds these beside. */
async function manager(principalId: string, permissionIds: readonly string[] = []): Promise<string> {
  const management = [
    "authorization.grants.write",
    "authorization.roles.write",
    "authorization.groups.write",
  ];
  const all = [...management, "authorization.policy.write", ...permissionIds];
  await grants().grantPermissions({ principalIds: [principalId], permissionIds: all });
  return `${home}/${principalId}`;
}

describe("the catalogue", () => {
  const register = (namespace: string, version: number, names: string[], who = "gateway") =>
    serving.as(CatalogService, who).registerPermissions({
      namespace,
      version: BigInt(version),
      permissions: names.map((name) => ({
        permissionId: `${namespace}.${name}`,
        description: `To ${name}.`,
      })),
    });
  const unused = () => `shop${++namespaces}`;

  test("takes what a backend registers, once for each version", async () => {
    const shop = unused();
    expect(await register(shop, 2, ["buy", "sell"])).toMatchObject({ version: 2n });
    expect(await register(shop, 2, ["sell", "buy"])).toMatchObject({ version: 2n });
    expect(await register(shop, 1, ["other"])).toMatchObject({ version: 2n });
    expect(await refusalOf(register(shop, 2, ["buy"]))).toBe("CATALOG_VERSION_CONFLICT");
    const { permissions } = await serving.as(CatalogService, admin).listCatalogPermissions({});
    expect(permissions.filter(({ namespace }) => namespace === shop)).toMatchObject([
      { permissionId: `${shop}.buy`, description: "To buy.", retired: false },
      { permissionId: `${shop}.sell`, retired: false },
    ]);
  });

  test("makes what a higher version leaves out count for nothing, until it comes back", async () => {
    const shop = unused();
    await register(shop, 1, ["buy", "sell"]);
    await grants().grantPermissions({ principalIds: ["user_a"], permissionIds: [`${shop}.buy`] });
    expect(await may("user_a", `${shop}.buy`)).toBe(true);
    expect(await may("user_admin", `${shop}.buy`)).toBe(true);
    await register(shop, 2, ["sell"]);
    expect(await may("user_a", `${shop}.buy`)).toBe(false);
    expect(await may("user_admin", `${shop}.buy`)).toBe(false);
    expect(await held("user_a")).toEqual([]);
    const again = grants().grantPermissions({ principalIds: ["user_b"], permissionIds: [`${shop}.buy`] });
    expect(await refusalOf(again)).toBe("PERMISSION_NOT_FOUND");
    await register(shop, 3, ["buy"]);
    expect(await may("user_a", `${shop}.buy`)).toBe(true);
  });

  test("is not for accounts to change, and not for a namespace of the installation's own", async () => {
    expect(await refusalOf(register("identity", 1, ["x"]))).toBe("NAMESPACE_RESERVED");
    expect(await refusalOf(register(unused(), 1, ["x"], admin))).toBe("PERMISSION_DENIED");
    await serving.tell(home, "user_root", { superAdmin: true });
    expect(await register(unused(), 1, ["x"], `${home}/user_root`)).toMatchObject({ version: 1n });
    const foreign = { permissionId: "other.x", description: "X." };
    const mixed = { namespace: unused(), version: 1n, permissions: [foreign] };
    expect(await refusalOf(serving.as(CatalogService, "gateway").registerPermissions(mixed))).toBe(
      "VALIDATION_FAILED",
    );
  });
});

describe("custom roles", () => {
  test("have a name of their own, without regard to case", async () => {
    await newRole("Night shift", ["ingestion"]);
    expect(await refusalOf(newRole("NIGHT SHIFT", []))).toBe("ROLE_NAME_TAKEN");
    const other = await newRole("Day shift", []);
    const rename = { roleId: other, displayName: "night shift", updateMask: { paths: ["display_name"] } };
    expect(await refusalOf(roles().updateRole(rename))).toBe("ROLE_NAME_TAKEN");
  });

  test("are made of permissions that can be granted", async () => {
    expect(await refusalOf(newRole("a", ["no.such.permission"]))).toBe("PERMISSION_NOT_FOUND");
    expect(await refusalOf(newRole("a", ["installation.accounts.read"]))).toBe("PERMISSION_NOT_GRANTABLE");
  });

  test("give what is added, and no longer what is taken out, from the answer on", async () => {
    const roleId = await newRole("Editors", ["ingestion", "events_management"]);
    await grants().assignRoles({ principalIds: ["user_a"], roleIds: [roleId] });
    expect(await held("user_a")).toEqual(["events_management", "ingestion"]);
    const permissionIds = ["ingestion", "embedded_charts"];
    const { role } = await roles().updateRole({
      roleId,
      permissionIds,
      updateMask: { paths: ["permission_ids"] },
    });
    expect(role?.permissionIds).toEqual(["embedded_charts", "ingestion"]);
    expect(await held("user_a")).toEqual(["embedded_charts", "ingestion"]);
  });

  test("that are held go with force only, and then from all who held them", async () => {
    const roleId = await newRole("Editors", ["ingestion"]);
    await groups().addGroupRoles({ groupId: everyone, roleIds: [roleId] });
    expect(await refusalOf(roles().deleteRole({ roleId }))).toBe("ROLE_IN_USE");
    expect(await may("user_b", "ingestion")).toBe(true);
    await roles().deleteRole({ roleId, force: true });
    expect(await may("user_b", "ingestion")).toBe(false);
    expect(await refusalOf(roles().getRole({ roleId }))).toBe("ROLE_NOT_FOUND");
  });

  test("rest on the etag that is sent, and built-in ones can't be changed", async () => {
    const { role } = await roles().createRole({ displayName: "Editors" });
    const change = { roleId: role?.roleId ?? "", updateMask: { paths: ["description"] } };
    await roles().updateRole({ ...change, description: "a", etag: role?.etag ?? "" });
    const stale = roles().updateRole({ ...change, description: "b", etag: role?.etag ?? "" });
    expect(await refusalOf(stale)).toBe("ETAG_MISMATCH");
    expect(await refusalOf(roles().deleteRole({ roleId: "team_manager" }))).toBe("ROLE_BUILT_IN");
  });

  test("are made once for a request id, and listed newest first after the built-in ones", async () => {
    const request = { displayName: "First", requestId: "r1" };
    const first = await roles().createRole(request);
    expect((await roles().createRole(request)).role).toEqual(first.role);
    const second = await newRole("Second", []);
    const page = await roles().listRoles({ pageSize: 1 });
    expect(page.roles.slice(8).map(({ roleId }) => roleId)).toEqual([second]);
    const next = await roles().listRoles({ pageSize: 1, pageToken: page.nextPageToken });
    expect(next.roles).toEqual([first.role]);
    expect(next.nextPageToken).toBe("");
  });
});

describe("groups", () => {
  test("give their members what their roles give, and take it back with either", async () => {
    const groupId = await newGroup("Team");
    const roleId = await newRole("Editors", ["ingestion"]);
    await groups().addGroupRoles({ groupId, roleIds: [roleId] });
    const added = await groups().addGroupMembers({ groupId, principalIds: ["user_a", "svc_1"] });
    expect(added.group).toMatchObject({ memberCount: 2n, roleIds: [roleId] });
    expect(await may("user_a", "ingestion")).toBe(true);
    await groups().removeGroupMembers({ groupId, principalIds: ["user_a"] });
    expect(await may("user_a", "ingestion")).toBe(false);
    await groups().addGroupMembers({ groupId, principalIds: ["user_a"] });
    await groups().removeGroupRoles({ groupId, roleIds: [roleId] });
    expect(await may("user_a", "ingestion")).toBe(false);
  });

  test("take all members or none", async () => {
    const groupId = await newGroup("Team");
    const added = groups().addGroupMembers({ groupId, principalIds: ["user_a", "user_none"] });
    expect(await refusalOf(added)).toBe("PRINCIPAL_NOT_FOUND");
    expect((await groups().listGroupMembers({ groupId })).principalIds).toEqual([]);
  });

  test("in use go with force only", async () => {
    const groupId = await newGroup("Team");
    await groups().addGroupMembers({ groupId, principalIds: ["user_a"] });
    expect(await refusalOf(groups().deleteGroup({ groupId }))).toBe("GROUP_IN_USE");
    await groups().deleteGroup({ groupId, force: true });
    expect(await refusalOf(groups().getGroup({ groupId }))).toBe("GROUP_NOT_FOUND");
  });

  test("are listed with Everyone, of all or of one principal", async () => {
    const first = await newGroup("First");
    const second = await newGroup("Second");
    await groups().addGroupMembers({ groupId: first, principalIds: ["user_a"] });
    const ids = async (principalId = "") =>
      (await groups().listGroups({ principalId })).groups.map(({ groupId }) => groupId);
    expect(await ids()).toEqual([everyone, second, first]);
    expect(await ids("user_a")).toEqual([everyone, first]);
    const members = await groups().listGroupMembers({ groupId: everyone, pageSize: 2 });
    expect(members.principalIds).toEqual(["svc_1", "user_a"]);
    const rest = await groups().listGroupMembers({
      groupId: everyone,
      pageSize: 2,
      pageToken: members.nextPageToken,
    });
    expect(rest.principalIds).toEqual(["user_admin", "user_b"]);
  });

  test("Everyone can't be left, renamed or deleted, and nobody takes its name; its roles are edited", async () => {
    const refusals = [
      groups().addGroupMembers({ groupId: everyone, principalIds: ["user_a"] }),
      groups().removeGroupMembers({ groupId: everyone, principalIds: ["user_a"] }),
      groups().updateGroup({ groupId: everyone, description: "x", updateMask: { paths: ["description"] } }),
      groups().deleteGroup({ groupId: everyone, force: true }),
    ].map(refusalOf);
    expect(await Promise.all(refusals)).toEqual(refusals.map(() => "EVERYONE_FIXED"));
    expect(await refusalOf(newGroup("EVERYONE"))).toBe("GROUP_NAME_TAKEN");
    const roleId = await newRole("Basics", ["ingestion"]);
    const { group } = await groups().addGroupRoles({ groupId: everyone, roleIds: [roleId] });
    expect(group).toMatchObject({ everyone: true, displayName: "Everyone", roleIds: [roleId] });
    expect(await may("user_b", "ingestion")).toBe(true);
  });
});

describe("nobody gives what they don't hold", () => {
  test("directly, to others or to themselves", async () => {
    const who = await manager("user_a", ["ingestion"]);
    await grants(who).grantPermissions({ principalIds: ["user_b"], permissionIds: ["ingestion"] });
    for (const principalId of ["user_a", "user_b"]) {
      const above = { principalIds: [principalId], permissionIds: ["ingestion", "events_management"] };
      expect(await refusalOf(grants(who).grantPermissions(above))).toBe("GRANT_ABOVE_OWN_LEVEL");
    }
  });

  test("by way of roles, groups, Everyone or what new users get", async () => {
    const who = await manager("user_a");
    const powerful = await newRole("Powerful", ["events_management"]);
    const groupId = await newGroup("Powerful");
    await groups().addGroupRoles({ groupId, roleIds: [powerful] });
    const empty = await newRole("Empty", []);
    const paths = (...names: string[]) => ({ paths: names });
    const refusals = [
      newRole("Mine", ["events_management"], who),
      roles(who).updateRole({
        roleId: empty,
        permissionIds: ["events_management"],
        updateMask: paths("permission_ids"),
      }),
      grants(who).assignRoles({ principalIds: ["user_a"], roleIds: [powerful] }),
      grants(who).assignRoles({ principalIds: ["user_a"], roleIds: ["developer_read_write"] }),
      groups(who).addGroupMembers({ groupId, principalIds: ["user_a"] }),
      groups(who).addGroupRoles({ groupId: everyone, roleIds: [powerful] }),
      policies(who).updateAccountPolicy({
        defaultPermissionIds: ["events_management"],
        updateMask: paths("default_permission_ids"),
      }),
      policies(who).updateAccountPolicy({
        defaultGroupIds: [groupId],
        updateMask: paths("default_group_ids"),
      }),
    ].map(refusalOf);
    expect(await Promise.all(refusals)).toEqual(refusals.map(() => "GRANT_ABOVE_OWN_LEVEL"));
    expect(await may("user_a", "events_management")).toBe(false);
  });

  test("but a super administrator gives anything, also to others' accounts", async () => {
    const other = newId("acct");
    await serving.tell(other, "user_root", { superAdmin: true });
    const request = { accountId: home, principalIds: ["user_a"], permissionIds: ["ingestion"] };
    await grants(`${other}/user_root`).grantPermissions(request);
    expect(await may("user_a", "ingestion")).toBe(true);
  });

  test("and nobody assigns Administrator, which is a flag of a membership", async () => {
    const roleIds = ["administrator"];
    const assigned = grants().assignRoles({ principalIds: ["user_a"], roleIds });
    expect(await refusalOf(assigned)).toBe("ROLE_NOT_ASSIGNABLE");
    expect(await refusalOf(groups().addGroupRoles({ groupId: everyone, roleIds }))).toBe(
      "ROLE_NOT_ASSIGNABLE",
    );
  });
});

describe("grants", () => {
  test("are made and taken in bulk, all or none", async () => {
    const permissionIds = ["ingestion", "events_management"];
    const all = { principalIds: ["user_a", "user_b"], permissionIds };
    const wrong = { principalIds: ["user_a", "user_none"], permissionIds };
    expect(await refusalOf(grants().grantPermissions(wrong))).toBe("PRINCIPAL_NOT_FOUND");
    expect(await held("user_a")).toEqual([]);
    await grants().grantPermissions(all);
    expect(await held("user_b")).toEqual(["events_management", "ingestion"]);
    await grants().revokePermissions(all);
    expect(await held("user_b")).toEqual([]);
  });

  test("that change nothing leave the revision; each that does raises it by one", async () => {
    const revision = async () =>
      (await checks().listPermissions({ accountId: home, principalId: "user_a" })).evaluatedRevision;
    const before = await revision();
    const request = { principalIds: ["user_a"], permissionIds: ["ingestion"] };
    await grants().grantPermissions(request);
    expect(await revision()).toBe(before + 1n);
    await grants().grantPermissions(request);
    expect(await revision()).toBe(before + 1n);
  });

  test("end with the principal", async () => {
    const groupId = await newGroup("Team");
    const roleId = await newRole("Editors", ["ingestion"]);
    await groups().addGroupMembers({ groupId, principalIds: ["user_a"] });
    await grants().assignRoles({ principalIds: ["user_a"], roleIds: [roleId] });
    await grants().grantPermissions({ principalIds: ["user_a"], permissionIds: ["events_management"] });
    await serving.tell(home, "user_a", { state: PrincipalState.DELETED, version: 2n });
    expect((await groups().listGroupMembers({ groupId })).principalIds).toEqual([]);
    await roles().deleteRole({ roleId });
    const granted = grants().grantPermissions({ principalIds: ["user_a"], permissionIds: ["ingestion"] });
    expect(await refusalOf(granted)).toBe("PRINCIPAL_NOT_FOUND");
    const left = await serving.db
      .selectFrom("direct_permissions")
      .select("permission_id")
      .where("account_id", "=", home)
      .execute();
    expect(left).toEqual([]);
  });
});

describe("service users", () => {
  test("act as Developer read-write under DEVELOPER, and nothing can be assigned to them", async () => {
    const request = { principalIds: ["svc_1"], permissionIds: ["ingestion"] };
    expect(await refusalOf(grants().grantPermissions(request))).toBe("SERVICE_USER_ROLES_FIXED");
    const assigned = grants().assignRoles({ principalIds: ["svc_1"], roleIds: ["team_manager"] });
    expect(await refusalOf(assigned)).toBe("SERVICE_USER_ROLES_FIXED");
    expect(await may("svc_1", "credential.credentials.write")).toBe(true);
    const roleId = await newRole("Basics", ["ingestion"]);
    await groups().addGroupRoles({ groupId: everyone, roleIds: [roleId] });
    expect(await may("svc_1", "ingestion")).toBe(false);
  });

  test("hold what they were given under SCOPED, and nothing else", async () => {
    await scope();
    expect(await held("svc_1")).toEqual([]);
    await grants().grantPermissions({ principalIds: ["svc_1"], permissionIds: ["ingestion"] });
    const roleId = await newRole("Basics", ["embedded_charts"]);
    await groups().addGroupRoles({ groupId: everyone, roleIds: [roleId] });
    expect(await held("svc_1")).toEqual(["embedded_charts", "ingestion"]);
  });
});

describe("the account's policy", () => {
  test("has defaults, and changes by mask and etag", async () => {
    const { policy } = await policies().getAccountPolicy({});
    expect(policy).toMatchObject({
      serviceUserPolicy: ServiceUserPolicy.DEVELOPER,
      newObjectAccess: NewObjectAccess.EVERYONE,
      defaultPermissionIds: [],
    });
    const change = {
      newObjectAccess: NewObjectAccess.CREATOR_ONLY,
      updateMask: { paths: ["new_object_access"] },
      etag: policy?.etag ?? "",
    };
    const changed = await policies().updateAccountPolicy(change);
    expect(changed.policy).toMatchObject({
      serviceUserPolicy: ServiceUserPolicy.DEVELOPER,
      newObjectAccess: NewObjectAccess.CREATOR_ONLY,
    });
    expect(await refusalOf(policies().updateAccountPolicy(change))).toBe("ETAG_MISMATCH");
    const unset = { updateMask: { paths: ["service_user_policy"] } };
    expect(await refusalOf(policies().updateAccountPolicy(unset))).toBe("VALIDATION_FAILED");
  });

  test("gives new users permissions and groups, not service users, and not those who are there", async () => {
    const groupId = await newGroup("New people");
    await policies().updateAccountPolicy({
      defaultPermissionIds: ["ingestion"],
      defaultGroupIds: [groupId],
      updateMask: { paths: ["default_permission_ids", "default_group_ids"] },
    });
    await scope();
    await serving.tell(home, "user_new");
    await serving.tell(home, "svc_new", { service: true });
    await serving.tell(home, "user_a", { version: 2n });
    expect(await held("user_new")).toEqual(["ingestion"]);
    expect(await held("svc_new")).toEqual([]);
    expect(await held("user_a")).toEqual([]);
    expect((await groups().listGroupMembers({ groupId })).principalIds).toEqual(["user_new"]);
    expect(await refusalOf(groups().deleteGroup({ groupId }))).toBe("GROUP_IN_USE");
  });
});

describe("answers", () => {
  test("of a batch are in order and of one revision", async () => {
    await grants().grantPermissions({ principalIds: ["user_a"], permissionIds: ["ingestion"] });
    const items = ["user_a", "user_none", "user_admin", "user_b"].map((principalId) => ({
      principalId,
      permissionId: "ingestion",
    }));
    const { results, evaluatedRevision } = await checks().batchCheck({ accountId: home, items });
    expect(results.map(({ reason }) => reason)).toEqual([
      CheckReason.DIRECT_PERMISSION,
      CheckReason.SUBJECT_UNKNOWN,
      CheckReason.ROLE,
      CheckReason.NOT_GRANTED,
    ]);
    const next = checks().batchCheck({ accountId: home, items, minRevision: evaluatedRevision + 1n });
    expect(await refusalOf(next)).toBe("REVISION_UNKNOWN");
    await checks().batchCheck({ accountId: home, items, minRevision: evaluatedRevision });
  });

  test("tell every way in which a permission comes", async () => {
    const roleId = await newRole("Basics", ["authorization.check"]);
    const groupId = await newGroup("Team");
    await serving.bind(home, "user_a", "developer_read_only");
    await groups().addGroupMembers({ groupId, principalIds: ["user_a"] });
    await groups().addGroupRoles({ groupId, roleIds: [roleId] });
    await groups().addGroupRoles({ groupId: everyone, roleIds: [roleId] });
    await grants().assignRoles({ principalIds: ["user_a"], roleIds: [roleId] });
    await grants().grantPermissions({ principalIds: ["user_a"], permissionIds: ["authorization.check"] });
    const { permissions } = await checks().listPermissions({ accountId: home, principalId: "user_a" });
    const found = permissions.find(({ permissionId }) => permissionId === "authorization.check");
    const ways = found?.sources.map((source) => [source.kind, source.roleId, source.groupId]);
    const expected = [
      [From.MEMBERSHIP, "developer_read_only", ""],
      [From.DIRECT, "", ""],
      [From.GROUP, roleId, groupId],
      [From.GROUP, roleId, everyone],
      [From.ROLE, roleId, ""],
    ];
    expect(ways).toHaveLength(expected.length);
    expect(ways).toEqual(expect.arrayContaining(expected));
  });

  test.each([
    ["a grant", "user_b", "ingestion", Obstacle.NOT_GRANTED, Remedy.GRANT_PERMISSION],
    ["activation", "user_off", "ingestion", Obstacle.SUBJECT_INACTIVE, Remedy.ACTIVATE_SUBJECT],
    ["another policy", "svc_1", "ingestion", Obstacle.SERVICE_USER_POLICY, Remedy.SCOPE_SERVICE_USERS],
    ["registration", "user_admin", "no.such", Obstacle.PERMISSION_UNKNOWN, Remedy.REGISTER],
    ["nothing", "user_admin", "installation.accounts.read", Obstacle.OPERATORS_ONLY, Remedy.UNSPECIFIED],
    ["nobody", "user_none", "ingestion", Obstacle.SUBJECT_UNKNOWN, Remedy.UNSPECIFIED],
  ])(
    "explain a denial: what would help is %s",
    async (_what, principalId, permissionId, obstacle, remedy) => {
      await serving.tell(home, "user_off");
      await grants().grantPermissions({ principalIds: ["user_off"], permissionIds: ["ingestion"] });
      await serving.tell(home, "user_off", { state: PrincipalState.INACTIVE, version: 2n });
      const explained = await checks().explain({ accountId: home, principalId, permissionId });
      expect(explained).toMatchObject({ allowed: false, obstacle, remedy });
      expect(explained.sources).toHaveLength(principalId === "user_off" ? 1 : 0);
    },
  );

  test("explain what is allowed with the ways that allow it", async () => {
    await grants().grantPermissions({ principalIds: ["user_a"], permissionIds: ["ingestion"] });
    const request = { accountId: home, principalId: "user_a", permissionId: "ingestion" };
    expect(await checks().explain(request)).toMatchObject({
      allowed: true,
      obstacle: Obstacle.UNSPECIFIED,
      sources: [{ kind: From.DIRECT }],
    });
  });
});

test("what principals were given is told of many at once, and who holds a role", async () => {
  const roleId = await newRole("Reader", ["events_management"]);
  const groupId = await newGroup("Team");
  await groups().addGroupRoles({ groupId, roleIds: [roleId] });
  await groups().addGroupMembers({ groupId, principalIds: ["user_b", "svc_1"] });
  await grants().grantPermissions({ principalIds: ["user_a"], permissionIds: ["ingestion"] });
  await grants().assignRoles({ principalIds: ["user_a"], roleIds: [roleId] });
  await groups().addGroupRoles({ groupId: everyone, roleIds: ["billing_access"] });
  await serving.tell(home, "user_b", { state: PrincipalState.INACTIVE, version: 2n });
  const principalIds = ["user_b", "user_a", "svc_1", "user_nobody"];
  const { holdings } = await grants().batchGetHoldings({ principalIds });
  expect(holdings).toMatchObject([
    { principalId: "svc_1", groupIds: [groupId, everyone], roleIds: ["developer_read_write"] },
    {
      principalId: "user_a",
      directPermissionIds: ["ingestion"],
      assignedRoleIds: [roleId],
      groupIds: [everyone],
      roleIds: ["billing_access", roleId],
      permissionIds: ["billing.account.manage", "billing.account.read", "events_management", "ingestion"],
    },
    {
      principalId: "user_b",
      directPermissionIds: [],
      assignedRoleIds: [],
      groupIds: [groupId, everyone],
      roleIds: ["billing_access", roleId],
      permissionIds: ["billing.account.manage", "billing.account.read", "events_management"],
    },
  ]);
  const roleIds = [roleId, "administrator", "role_none"];
  const { holders } = await grants().batchGetRoleHolders({ roleIds, namesMax: 10 });
  expect(holders).toMatchObject([
    { roleId, principalCount: 1n, groupCount: 1n, principalIds: ["user_a"], groupIds: [groupId] },
    { roleId: "administrator", principalCount: 1n, principalIds: ["user_admin"] },
    { roleId: "role_none", principalCount: 0n, groupCount: 0n, principalIds: [], groupIds: [] },
  ]);
  const stranger = newId("acct");
  await serving.tell(stranger, "user_admin");
  await serving.bind(stranger, "user_admin", "administrator");
  const other = await grants(`${stranger}/user_admin`).batchGetHoldings({ principalIds });
  expect(other.holdings).toEqual([]);
});
