import { CheckService, ObjectAction } from "@portcullis/contracts/portcullis/authorization/v1/check_pb.ts";
import { GrantService } from "@portcullis/contracts/portcullis/authorization/v1/grant_pb.ts";
import { GroupService } from "@portcullis/contracts/portcullis/authorization/v1/group_pb.ts";
import { ObjectService } from "@portcullis/contracts/portcullis/authorization/v1/object_pb.ts";
import { PrincipalState } from "@portcullis/contracts/portcullis/common/v1/principal_pb.ts";
import { newId } from "@portcullis/service";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { refusalOf, type Serving, serve } from "./testing/serving.ts";

const { VIEW, MODIFY } = ObjectAction;
const objectType = "dashboard";
const people = ["user_1", "user_2", "user_3", "user_4"] as const;
const ids = ["d1", "d2", "d3", "d4", "d5"] as const;
let serving: Serving;
/**
 * An account with five dashboards: d1 open to Everyone to view, d2 to a group of user_1 and user_2 to modify,
 * d3 to user_1 and to the group, d4 to user_3, d5 to nobody. user_2 holds the permission to modify them.
 */
let home: string;
let groupId: string;

beforeAll(async () => {
  serving = await serve();
});
afterAll(() => serving.stop());
beforeEach(async () => {
  home = newId("acct");
  for (const id of ["user_admin", ...people]) await serving.tell(home, id);
  await serving.bind(home, "user_admin", "administrator");
  const admin = `${home}/user_admin`;
  const groups = serving.as(GroupService, admin);
  groupId = (await groups.createGroup({ displayName: "Team" })).group?.groupId ?? "";
  await groups.addGroupMembers({ groupId, principalIds: ["user_1", "user_2"] });
  const permissionIds = ["dashboard_management"];
  await serving.as(GrantService, admin).grantPermissions({ principalIds: ["user_2"], permissionIds });
  const objects = serving.as(ObjectService, "gateway");
  await objects.registerObjects({
    accountId: home,
    objectType,
    objects: ids.map((objectId) => ({ objectId })),
  });
  const open = (objectId: string, ...entries: (readonly [string, ObjectAction])[]) =>
    objects.setObjectAccess({
      accountId: home,
      objectType,
      objectId,
      entries: entries.map(([holderId, action]) => ({ holderId, action })),
    });
  await open("d1", ["grp_everyone", VIEW]);
  await open("d2", [groupId, MODIFY]);
  await open("d3", ["user_1", VIEW], [groupId, MODIFY]);
  await open("d4", ["user_3", MODIFY]);
  await open("d5");
});

async function listObjects(principalId: string, action: ObjectAction, pageSize = 0, who = "credential") {
  const request = { accountId: home, principalId, objectType, action, pageSize };
  const pages: string[][] = [];
  for await (const page of serving.as(CheckService, who).listObjects(request)) pages.push(page.objectIds);
  return pages;
}

async function listSubjects(
  asked: { permissionId?: string; objectId?: string; action?: ObjectAction },
  pageSize = 2,
) {
  const { permissionId = "", objectId, action = VIEW } = asked;
  const object = objectId === undefined ? {} : { object: { objectType, objectId, action } };
  const found: string[] = [];
  let pageToken = "";
  do {
    const page = await serving
      .as(CheckService, "credential")
      .listSubjects({ accountId: home, permissionId, ...object, pageSize, pageToken });
    expect(page.principalIds.length).toBeLessThanOrEqual(pageSize);
    found.push(...page.principalIds);
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
  return found;
}

test.each([1, 2, 3, 500])("objects come in order, each once, in pages of %i", async (pageSize) => {
  const pages = await listObjects("user_1", VIEW, pageSize);
  expect(pages.flat()).toEqual(["d1", "d2", "d3"]);
  for (const page of pages) expect(page.length).toBeLessThanOrEqual(pageSize);
});

test("what is listed is what Check allows, of every object and subject", async () => {
  await serving.tell(home, "user_4", { state: PrincipalState.INACTIVE, version: 2n });
  await serving.tell(home, "user_root", { superAdmin: true });
  const everybody = ["user_admin", ...people, "user_root"].toSorted();
  for (const action of [VIEW, MODIFY]) {
    const pairs = everybody.flatMap((principalId) => ids.map((objectId) => ({ principalId, objectId })));
    const { results } = await serving.as(CheckService, "credential").batchCheck({
      accountId: home,
      items: pairs.map(({ principalId, objectId }) => ({
        principalId,
        object: { objectType, objectId, action },
      })),
    });
    const allowed = pairs.filter((_, index) => results[index]?.allowed);
    expect(allowed.length).toBeGreaterThan(0);
    for (const principalId of everybody) {
      const expected = allowed.filter((pair) => pair.principalId === principalId);
      const listed = (await listObjects(principalId, action)).flat();
      expect([principalId, action, listed]).toEqual([
        principalId,
        action,
        expected.map((one) => one.objectId),
      ]);
    }
    for (const objectId of ids) {
      const expected = allowed.filter((pair) => pair.objectId === objectId);
      const listed = await listSubjects({ objectId, action });
      expect([objectId, action, listed]).toEqual([objectId, action, expected.map((one) => one.principalId)]);
    }
  }
});

test("who holds a permission is listed, and with an object who may do both", async () => {
  expect(await listSubjects({ permissionId: "dashboard_management" })).toEqual(["user_2", "user_admin"]);
  expect(await listSubjects({ permissionId: "dashboard_management", objectId: "d3" })).toEqual(["user_2"]);
  expect(await listSubjects({ permissionId: "no.such" })).toEqual([]);
});

test("another account's objects and subjects are not found", async () => {
  const other = newId("acct");
  await serving.tell(other, "user_x");
  await serving.bind(other, "user_x", "administrator");
  const who = `${other}/user_x`;
  expect(await refusalOf(listObjects("user_1", VIEW, 0, who))).toBe("ACCOUNT_NOT_FOUND");
  const subjects = serving.as(CheckService, who).listSubjects({ accountId: home, permissionId: "ingestion" });
  expect(await refusalOf(subjects)).toBe("ACCOUNT_NOT_FOUND");
  const token = serving.as(CheckService, "credential").listSubjects({
    accountId: home,
    permissionId: "ingestion",
    pageToken: "AAAA",
  });
  expect(await refusalOf(token)).toBe("PAGE_TOKEN_INVALID");
});
