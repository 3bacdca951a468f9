import { CatalogService } from "@portcullis/contracts/portcullis/authorization/v1/catalog_pb.ts";
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
import {
  NewObjectAccess,
  PolicyService,
} from "@portcullis/contracts/portcullis/authorization/v1/policy_pb.ts";
import { PrincipalState } from "@portcullis/contracts/portcullis/common/v1/principal_pb.ts";
import { newId } from "@portcullis/service";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { refusalOf, type Serving, serve } from "./testing/serving.ts";

const { VIEW, MODIFY } = ObjectAction;
const everyone = "grp_everyone";
const objectType = "dashboard";
let serving: Serving;
/** An account with an administrator, and `user_editor`, who holds the permission to modify dashboards. */
let home: string;
let admin: string;

beforeAll(async () => {
  serving = await serve();
});
afterAll(() => serving.stop());
beforeEach(async () => {
  home = newId("acct");
  admin = `${home}/user_admin`;
  for (const id of ["user_admin", "user_editor", "user_viewer", "user_other"]) await serving.tell(home, id);
  await serving.bind(home, "user_admin", "administrator");
  for (const id of ["user_editor", "user_viewer", "user_other"]) {
    await serving.bind(home, id, "developer_read_write");
  }
  await serving.as(GrantService, admin).grantPermissions({
    principalIds: ["user_editor"],
    permissionIds: ["dashboard_management"],
  });
});

const objects = (who = admin) => serving.as(ObjectService, who);
const checks = () => serving.as(CheckService, "credential");
const register = (objectId: string, creatorId = "") =>
  objects("gateway").registerObjects({ accountId: home, objectType, objects: [{ objectId, creatorId }] });
const creatorOnly = () =>
  serving.as(PolicyService, admin).updateAccountPolicy({
    newObjectAccess: NewObjectAccess.CREATOR_ONLY,
    updateMask: { paths: ["new_object_access"] },
  });

async function ask(principalId: string, objectId: string, action: ObjectAction, permissionId = "") {
  const subject = { accountId: home, principalId };
  const object = { objectType, objectId, action };
  return (await checks().check({ subject, permissionId, object })).reason;
}

const orphans = async () =>
  (await objects().listOrphans({})).objects.map((one) => `${one.objectType}/${one.objectId}`);

test("to modify needs the type's permission and modify access; to view needs access", async () => {
  await register("d1");
  expect(await ask("user_viewer", "d1", VIEW)).toBe(CheckReason.OBJECT_ACCESS);
  expect(await ask("user_viewer", "d1", MODIFY)).toBe(CheckReason.NOT_GRANTED);
  expect(await ask("user_editor", "d1", MODIFY)).toBe(CheckReason.DIRECT_PERMISSION);
  await objects().unshareObjects({ objectType, objectIds: ["d1"], holderIds: [everyone], action: MODIFY });
  expect(await ask("user_editor", "d1", MODIFY)).toBe(CheckReason.OBJECT_NOT_ACCESSIBLE);
  expect(await ask("user_editor", "d1", VIEW)).toBe(CheckReason.OBJECT_ACCESS);
  expect(await ask("user_editor", "none", VIEW)).toBe(CheckReason.OBJECT_NOT_ACCESSIBLE);
});

test("with a permission in the question both are needed", async () => {
  await register("d1");
  expect(await ask("user_viewer", "d1", VIEW, "dashboard_management")).toBe(CheckReason.NOT_GRANTED);
  expect(await ask("user_editor", "d1", VIEW, "dashboard_management")).toBe(CheckReason.DIRECT_PERMISSION);
});

test("a new object is open to its creator only, where the account wants that, and the others stay as they are", async () => {
  await register("old", "user_editor");
  await creatorOnly();
  await register("new", "user_editor");
  await register("old", "user_editor");
  expect(await ask("user_viewer", "old", VIEW)).toBe(CheckReason.OBJECT_ACCESS);
  expect(await ask("user_viewer", "new", VIEW)).toBe(CheckReason.OBJECT_NOT_ACCESSIBLE);
  expect(await ask("user_editor", "new", MODIFY)).toBe(CheckReason.DIRECT_PERMISSION);
});

test("objects are of a type that a backend registered, and their creators exist", async () => {
  const unknown = { accountId: home, objectType: "none.such", objects: [{ objectId: "x" }] };
  expect(await refusalOf(objects("gateway").registerObjects(unknown))).toBe("OBJECT_TYPE_NOT_FOUND");
  expect(await refusalOf(register("d1", "user_none"))).toBe("PRINCIPAL_NOT_FOUND");
  await serving.as(CatalogService, "gateway").registerPermissions({
    namespace: "store",
    version: 1n,
    permissions: [{ permissionId: "store.edit", description: "Edit." }],
    objectTypes: [{ objectType: "store.shelf", modifyPermissionId: "store.edit" }],
  });
  const shelf = { accountId: home, objectType: "store.shelf", objects: [{ objectId: "s1" }] };
  await objects("gateway").registerObjects(shelf);
  const subject = { accountId: home, principalId: "user_admin" };
  const object = { objectType: "store.shelf", objectId: "s1", action: MODIFY };
  expect((await checks().check({ subject, object })).allowed).toBe(true);
});

test("who it is open to is changed by who may modify it and by its creator; others learn nothing of it", async () => {
  await creatorOnly();
  await register("d1", "user_editor");
  await register("d2", "user_viewer");
  const share = (who: string, objectIds: string[], holderId = "user_other") =>
    objects(`${home}/${who}`).shareObjects({ objectType, objectIds, holderIds: [holderId], action: VIEW });
  expect(await refusalOf(share("user_other", ["d1"]))).toBe("OBJECT_NOT_FOUND");
  expect(await refusalOf(share("user_editor", ["d1", "d2"]))).toBe("OBJECT_NOT_FOUND");
  await share("user_editor", ["d1"]);
  expect(await refusalOf(share("user_other", ["d1"]))).toBe("PERMISSION_DENIED");
  // A creator without the type's permission.
  await share("user_viewer", ["d2"], everyone);
  expect(await ask("user_other", "d2", VIEW)).toBe(CheckReason.OBJECT_ACCESS);
  expect(await refusalOf(share("user_editor", ["d1"], "user_none"))).toBe("PRINCIPAL_NOT_FOUND");
  expect(await refusalOf(share("user_editor", ["d1"], "grp_none"))).toBe("GROUP_NOT_FOUND");
});

test("access is told to who may view the object, and to administrators", async () => {
  await creatorOnly();
  await register("d1", "user_editor");
  const get = (who: string) => objects(`${home}/${who}`).getObjectAccess({ objectType, objectId: "d1" });
  expect((await get("user_editor")).access).toMatchObject({
    object: { objectType, objectId: "d1" },
    creatorId: "user_editor",
    entries: [{ holderId: "user_editor", action: MODIFY }],
  });
  expect((await get("user_admin")).access?.entries).toHaveLength(1);
  expect(await refusalOf(get("user_viewer"))).toBe("OBJECT_NOT_FOUND");
});

test("access is set as a whole; sharing takes nothing away", async () => {
  await register("d1");
  const editor = objects(`${home}/user_editor`);
  const { access } = await editor.setObjectAccess({
    objectType,
    objectId: "d1",
    entries: [
      { holderId: "user_editor", action: MODIFY },
      { holderId: "user_viewer", action: VIEW },
      { holderId: "user_viewer", action: MODIFY },
    ],
  });
  expect(access?.entries.map(({ holderId, action }) => [holderId, action])).toEqual([
    ["user_editor", MODIFY],
    ["user_viewer", MODIFY],
  ]);
  const more = { objectType, objectIds: ["d1"], holderIds: ["user_viewer", "user_other"], action: VIEW };
  await editor.shareObjects(more);
  const { access: after } = await editor.getObjectAccess({ objectType, objectId: "d1" });
  expect(after?.entries.map(({ holderId, action }) => [holderId, action])).toEqual([
    ["user_editor", MODIFY],
    ["user_other", VIEW],
    ["user_viewer", MODIFY],
  ]);
});

test("by way of a group, for as long as the group is there and one is in it", async () => {
  await creatorOnly();
  await register("d1", "user_editor");
  const groups = serving.as(GroupService, admin);
  const groupId = (await groups.createGroup({ displayName: "Team" })).group?.groupId ?? "";
  await groups.addGroupMembers({ groupId, principalIds: ["user_viewer"] });
  const editor = objects(`${home}/user_editor`);
  await editor.shareObjects({ objectType, objectIds: ["d1"], holderIds: [groupId], action: VIEW });
  expect(await ask("user_viewer", "d1", VIEW)).toBe(CheckReason.OBJECT_ACCESS);
  await groups.removeGroupMembers({ groupId, principalIds: ["user_viewer"] });
  expect(await ask("user_viewer", "d1", VIEW)).toBe(CheckReason.OBJECT_NOT_ACCESSIBLE);
  expect(await refusalOf(groups.deleteGroup({ groupId }))).toBe("GROUP_IN_USE");
  await groups.deleteGroup({ groupId, force: true });
  const { access } = await editor.getObjectAccess({ objectType, objectId: "d1" });
  expect(access?.entries.map(({ holderId }) => holderId)).toEqual(["user_editor"]);
});

test("an object whose last principal is deleted is an orphan, which administrators see and rescue", async () => {
  await creatorOnly();
  await register("d1", "user_editor");
  await register("d2");
  await register("d3", "user_viewer");
  expect(await orphans()).toEqual(["dashboard/d2"]);
  await serving.tell(home, "user_editor", { state: PrincipalState.DELETED, version: 2n });
  expect(await orphans()).toEqual(["dashboard/d1", "dashboard/d2"]);
  const rescue = { objectType, objectIds: ["d1"], holderIds: ["user_viewer"] };
  expect(await refusalOf(objects(`${home}/user_viewer`).rescueObjects(rescue))).toBe("PERMISSION_DENIED");
  const reached = { ...rescue, objectIds: ["d1", "d3"] };
  expect(await refusalOf(objects().rescueObjects(reached))).toBe("OBJECT_NOT_FOUND");
  await objects().rescueObjects(rescue);
  expect(await orphans()).toEqual(["dashboard/d2"]);
  expect(await ask("user_viewer", "d1", VIEW)).toBe(CheckReason.OBJECT_ACCESS);
});

test("orphans are listed in pages", async () => {
  await creatorOnly();
  for (const id of ["d1", "d2", "d3"]) await register(id);
  const first = await objects().listOrphans({ pageSize: 2 });
  expect(first.objects.map(({ objectId }) => objectId)).toEqual(["d1", "d2"]);
  const second = await objects().listOrphans({ pageSize: 2, pageToken: first.nextPageToken });
  expect(second.objects.map(({ objectId }) => objectId)).toEqual(["d3"]);
  expect(second.nextPageToken).toBe("");
});

test("what is forgotten is open to nobody, and new when it comes again", async () => {
  await register("d1");
  await objects("gateway").unregisterObjects({ accountId: home, objectType, objectIds: ["d1", "none"] });
  expect(await ask("user_viewer", "d1", VIEW)).toBe(CheckReason.OBJECT_NOT_ACCESSIBLE);
  await creatorOnly();
  await register("d1", "user_editor");
  expect(await ask("user_viewer", "d1", VIEW)).toBe(CheckReason.OBJECT_NOT_ACCESSIBLE);
});

test("a denial is explained with what is in the way of the object", async () => {
  await creatorOnly();
  await register("d1", "user_editor");
  const share = { objectType, objectIds: ["d1"], holderIds: ["user_admin"], action: VIEW };
  await objects(`${home}/user_editor`).shareObjects(share);
  const explain = async (principalId: string, objectId: string, action: ObjectAction) => {
    const object = { objectType, objectId, action };
    const { obstacle, remedy, permissionId } = await checks().explain({
      accountId: home,
      principalId,
      object,
    });
    return [obstacle, remedy, permissionId];
  };
  expect(await explain("user_viewer", "d1", VIEW)).toEqual([
    Obstacle.OBJECT_NOT_SHARED,
    Remedy.SHARE_TO_VIEW,
    "",
  ]);
  expect(await explain("user_viewer", "d1", MODIFY)).toEqual([
    Obstacle.NOT_GRANTED,
    Remedy.GRANT_PERMISSION,
    "dashboard_management",
  ]);
  expect(await explain("user_admin", "d1", MODIFY)).toEqual([
    Obstacle.VIEW_ONLY,
    Remedy.SHARE_TO_MODIFY,
    "dashboard_management",
  ]);
  expect(await explain("user_editor", "none", VIEW)).toEqual([Obstacle.OBJECT_UNKNOWN, Remedy.REGISTER, ""]);
});

test("super administrators see and modify every object, and share it", async () => {
  const other = newId("acct");
  await serving.tell(other, "user_root", { superAdmin: true });
  await creatorOnly();
  await register("d1", "user_editor");
  const subject = { accountId: other, principalId: "user_root" };
  const object = { objectType, objectId: "d1", action: MODIFY };
  const root = await checks().check({ subject, accountId: home, object });
  expect(root).toMatchObject({ allowed: true, reason: CheckReason.SUPER_ADMIN });
  const share = { accountId: home, objectType, objectIds: ["d1"], holderIds: ["user_viewer"], action: VIEW };
  await objects(`${other}/user_root`).shareObjects(share);
  expect(await ask("user_viewer", "d1", VIEW)).toBe(CheckReason.OBJECT_ACCESS);
});
