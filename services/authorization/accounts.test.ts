import {
  CheckReason,
  CheckService,
  ObjectAction,
  Obstacle,
  Remedy,
} from "@portcullis/contracts/portcullis/authorization/v1/check_pb.ts";
import { GrantService } from "@portcullis/contracts/portcullis/authorization/v1/grant_pb.ts";
import { GroupService } from "@portcullis/contracts/portcullis/authorization/v1/group_pb.ts";
import { ObjectService } from "@portcullis/contracts/portcullis/authorization/v1/object_pb.ts";
import { PolicyService } from "@portcullis/contracts/portcullis/authorization/v1/policy_pb.ts";
import { RoleService } from "@portcullis/contracts/portcullis/authorization/v1/role_pb.ts";
import { AccountState } from "@portcullis/contracts/portcullis/common/v1/account_pb.ts";
import { PrincipalState } from "@portcullis/contracts/portcullis/common/v1/principal_pb.ts";
import { AccountEnforcementService } from "@portcullis/contracts/portcullis/enforcement/v1/account_enforcement_pb.ts";
import { PrincipalEnforcementService } from "@portcullis/contracts/portcullis/enforcement/v1/principal_enforcement_pb.ts";
import { newId } from "@portcullis/service";
import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { refusalOf, type Serving, serve } from "./testing/serving.ts";

const { ACTIVE, SUSPENDED, DELETED } = AccountState;
const objectType = "dashboard";
let serving: Serving;
/** An account of each test's own, with some of everything; `user_a` may do what is asked of it. */
let home: string;
/** A super administrator of another account. */
let root: string;

beforeAll(async () => {
  serving = await serve();
});
afterAll(() => serving.stop());
beforeEach(async () => {
  home = newId("acct");
  const away = newId("acct");
  root = `${away}/user_root`;
  await serving.tell(away, "user_root", { superAdmin: true });
  for (const id of ["user_admin", "user_a"]) await serving.tell(home, id);
  await serving.tell(home, "svc_1", { service: true });
  await serving.bind(home, "user_admin", "administrator");
  await serving.bind(home, "user_a", "developer_read_write");
  const admin = `${home}/user_admin`;
  const { role } = await serving
    .as(RoleService, admin)
    .createRole({ displayName: "Role", permissionIds: ["ingestion"] });
  const { group } = await serving.as(GroupService, admin).createGroup({ displayName: "Group" });
  const roleIds = [role?.roleId ?? ""];
  const groupId = group?.groupId ?? "";
  const principalIds = ["user_a"];
  await serving.as(GroupService, admin).addGroupMembers({ groupId, principalIds });
  await serving.as(GroupService, admin).addGroupRoles({ groupId, roleIds });
  await serving.as(GrantService, admin).assignRoles({ principalIds, roleIds });
  await serving.as(GrantService, admin).grantPermissions({ principalIds, permissionIds: ["ingestion"] });
  await serving.as(PolicyService, admin).updateAccountPolicy({
    defaultPermissionIds: ["ingestion"],
    updateMask: { paths: ["default_permission_ids"] },
  });
  await register(["one", "two"]);
});

const register = (ids: readonly string[]) =>
  serving.as(ObjectService, "gateway").registerObjects({
    accountId: home,
    objectType,
    objects: ids.map((objectId) => ({ objectId })),
  });
const tell = (state: AccountState, version: bigint, accountId = home) =>
  serving.as(AccountEnforcementService, "identity").applyAccount({ accountId, state, version });
const checks = () => serving.as(CheckService, "credential");
const view = { objectType, objectId: "one", action: ObjectAction.VIEW };
const subject = (principalId: string) => ({ accountId: home, principalId });

/** Why each question is answered as it is: of a permission, an object, and in a batch. */
async function reasons(principalId = "user_a"): Promise<readonly CheckReason[]> {
  const permissionId = "ingestion";
  const one = await checks().check({ subject: subject(principalId), permissionId });
  const other = await checks().check({ subject: subject(principalId), object: view });
  const items = [{ principalId, permissionId }];
  const { results } = await checks().batchCheck({ accountId: home, items });
  return [one.reason, other.reason, ...results.map(({ reason }) => reason)];
}

/** How much each list has: permissions, objects, subjects. */
async function listed(): Promise<readonly number[]> {
  const { permissions } = await checks().listPermissions({ accountId: home, principalId: "user_a" });
  let objects = 0;
  const request = { accountId: home, principalId: "user_a", objectType, action: ObjectAction.VIEW };
  for await (const { objectIds } of checks().listObjects(request)) objects += objectIds.length;
  const { principalIds } = await checks().listSubjects({ accountId: home, permissionId: "ingestion" });
  return [permissions.length, objects, principalIds.length];
}

describe("a suspended account", () => {
  test("has nobody who may do anything, from the answer on, until it is restored", async () => {
    const before = [await reasons(), await listed()];
    expect(before[0]).not.toContain(CheckReason.NOT_GRANTED);
    expect(await tell(SUSPENDED, 2n)).toMatchObject({ appliedVersion: 2n, appliedState: SUSPENDED });
    expect(await reasons()).toEqual(Array(3).fill(CheckReason.ACCOUNT_SUSPENDED));
    expect(await reasons("user_admin")).toEqual(Array(3).fill(CheckReason.ACCOUNT_SUSPENDED));
    expect(await listed()).toEqual([0, 0, 0]);
    expect(await refusalOf(serving.as(RoleService, `${home}/user_admin`).listRoles({}))).toBe(
      "PERMISSION_DENIED",
    );
    await tell(ACTIVE, 3n);
    expect([await reasons(), await listed()]).toEqual(before);
  });

  test("denies its own super administrators too, but not those of other accounts, nor services", async () => {
    await serving.tell(home, "user_root", { superAdmin: true });
    await tell(SUSPENDED, 2n);
    expect(await reasons("user_root")).toEqual(Array(3).fill(CheckReason.ACCOUNT_SUSPENDED));
    const create = { accountId: home, displayName: "By root", permissionIds: ["ingestion"] };
    expect((await serving.as(RoleService, root).createRole(create)).role?.displayName).toBe("By root");
    expect(await refusalOf(register(["three"]))).toBe("the call was not refused");
  });

  test("explains what is in the way, and which ways there would be without it", async () => {
    await serving.tell(home, "user_a", { state: PrincipalState.INACTIVE, version: 2n });
    await tell(SUSPENDED, 2n);
    const explained = await checks().explain({
      accountId: home,
      principalId: "user_a",
      permissionId: "ingestion",
    });
    expect(explained).toMatchObject({
      allowed: false,
      reason: CheckReason.ACCOUNT_SUSPENDED,
      obstacle: Obstacle.ACCOUNT_SUSPENDED,
      remedy: Remedy.RESTORE_ACCOUNT,
    });
    expect(explained.sources).toHaveLength(3);
  });
});

const tables = [
  "object_access",
  "objects",
  "group_members",
  "role_assignments",
  "direct_permissions",
  "role_bindings",
  "role_permissions",
  "roles",
  "groups",
  "account_policies",
  "principals",
];

/** Rows that the account has, in all tables together. */
async function left(accountId = home): Promise<number> {
  const counts = tables.map(
    (table) => sql`select count(*) as rows from ${sql.table(table)} where account_id = ${accountId}`,
  );
  const { rows } = await sql<{ rows: number }>`${sql.join(counts, sql` union all `)}`.execute(serving.db);
  return rows.reduce((sum, one) => sum + one.rows, 0);
}

describe("a deleted account", () => {
  test("has nobody from the answer on, and soon nothing at all but its tombstone", async () => {
    expect(await tell(DELETED, 2n)).toMatchObject({ appliedVersion: 2n, appliedState: DELETED });
    expect(await reasons()).toEqual(Array(3).fill(CheckReason.SUBJECT_UNKNOWN));
    expect(await listed()).toEqual([0, 0, 0]);
    await expect.poll(() => left(), { interval: 20, timeout: 20_000 }).toBe(0);
    const known = serving.db.selectFrom("accounts").selectAll().where("account_id", "=", home);
    await expect
      .poll(() => known.execute(), { interval: 20, timeout: 20_000 })
      .toEqual([{ account_id: home, state: "deleted", version: 2, is_emptied: true }]);
    expect(await reasons()).toEqual(Array(3).fill(CheckReason.SUBJECT_UNKNOWN));
  });

  test("gets nothing new, from nobody, and nothing of other accounts goes with it", async () => {
    const other = newId("acct");
    await serving.tell(other, "user_a");
    await serving.bind(other, "user_a", "administrator");
    await tell(DELETED, 2n);
    const create = { accountId: home, displayName: "Late", permissionIds: ["ingestion"] };
    expect(await refusalOf(serving.as(RoleService, root).createRole(create))).toBe("ACCOUNT_NOT_FOUND");
    expect(await refusalOf(register(["late"]))).toBe("ACCOUNT_NOT_FOUND");
    await expect.poll(() => left(), { interval: 20, timeout: 20_000 }).toBe(0);
    expect(await left(other)).toBe(2);
  });

  test("stays so, and so do its principals, whatever comes later", async () => {
    await tell(DELETED, 5n);
    const gone = { appliedVersion: 5n, appliedState: DELETED };
    expect(await tell(ACTIVE, 4n)).toMatchObject(gone);
    expect(await tell(SUSPENDED, 9n)).toMatchObject(gone);
    expect(await serving.tell(home, "user_new", { version: 7n })).toMatchObject({
      appliedVersion: 7n,
      appliedState: PrincipalState.DELETED,
    });
    expect(await reasons("user_new")).toEqual(Array(3).fill(CheckReason.SUBJECT_UNKNOWN));
    expect((await tell(DELETED, 10n)).appliedVersion).toBe(10n);
    await expect.poll(() => left(), { interval: 20, timeout: 20_000 }).toBe(0);
  });

  test("of many objects is answered for at once, and emptied bit by bit", async () => {
    await sql`insert into objects
      select ${home}, ${objectType}, 'n' || n, null, 1, now() from generate_series(1, 20000) n`.execute(
      serving.db,
    );
    await sql`insert into object_access
      select ${home}, ${objectType}, 'n' || n, 'grp_everyone', true from generate_series(1, 20000) n`.execute(
      serving.db,
    );
    await tell(DELETED, 2n);
    // The answer did not wait for so many rows.
    expect(await left()).toBeGreaterThan(0);
    expect(await reasons()).toEqual(Array(3).fill(CheckReason.SUBJECT_UNKNOWN));
    await expect.poll(() => left(), { interval: 50, timeout: 30_000 }).toBe(0);
  });
});

describe("what identity tells of an account", () => {
  test("is ignored below the version that is known, and leaves one audit event for each change", async () => {
    await tell(SUSPENDED, 4n);
    for (const version of [3n, 4n]) {
      expect(await tell(ACTIVE, version)).toMatchObject({ appliedVersion: 4n, appliedState: SUSPENDED });
    }
    await tell(ACTIVE, 5n);
    const events = await serving.db
      .selectFrom("audit_outbox")
      .select(["action", "detail"])
      .where("target_id", "=", home)
      .where("action", "=", "account.apply")
      .orderBy("id")
      .execute();
    expect(events).toEqual([
      { action: "account.apply", detail: { state: "suspended", version: 4 } },
      { action: "account.apply", detail: { state: "active", version: 5 } },
    ]);
  });

  test("is told by identity alone, and whole", async () => {
    const request = { accountId: home, state: ACTIVE, version: 1n };
    for (const who of ["credential", "operator", root]) {
      const refused = serving.as(AccountEnforcementService, who).applyAccount(request);
      expect(await refusalOf(refused)).toBe("PERMISSION_DENIED");
    }
    for (const part of [{ state: AccountState.UNSPECIFIED }, { version: 0n }, { version: 2n ** 60n }]) {
      const refused = serving.as(AccountEnforcementService, "identity").applyAccount({ ...request, ...part });
      expect(await refusalOf(refused)).toBe("VALIDATION_FAILED");
    }
  });
});

describe("a preview", () => {
  const of = (dependents: readonly { readonly kind: string; readonly count: bigint }[]) =>
    Object.fromEntries(dependents.map(({ kind, count }) => [kind, Number(count)]));

  test("counts what a principal has: bindings, roles, groups and direct permissions", async () => {
    const preview = async (principalId: string) =>
      of(
        (
          await serving
            .as(PrincipalEnforcementService, "identity")
            .previewPrincipal({ accountId: home, principalId })
        ).dependents,
      );
    expect(await preview("user_a")).toEqual({
      role_bindings: 1,
      role_assignments: 1,
      groups: 1,
      direct_permissions: 1,
    });
    expect(await preview("user_admin")).toEqual({ role_bindings: 1 });
    expect(await preview("svc_1")).toEqual({});
    expect(await preview("no/id")).toEqual({});
  });

  test("counts what an account has", async () => {
    const { dependents } = await serving
      .as(AccountEnforcementService, "identity")
      .previewAccount({ accountId: home });
    expect(of(dependents)).toEqual({
      role_bindings: 2,
      role_assignments: 2,
      groups: 1,
      direct_permissions: 1,
    });
  });
});
