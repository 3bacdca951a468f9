import { ServiceUserState as State } from "@portcullis/contracts/portcullis/identity/v1/service_user_pb.ts";
import { reasonOf } from "@portcullis/service";
import { afterAll, beforeAll, expect, test } from "vitest";
import { as, startTestIdentity, type TestIdentity } from "./testing/start-identity.ts";

let identity: TestIdentity;
const names = ["alpha-1", "Alpha-2", "beta", "under_score", "underXscore"];
beforeAll(async () => {
  identity = await startTestIdentity();
  for (const name of names) await identity.serviceUsers.createServiceUser({ name }, as("admin"));
  await identity.serviceUsers.deactivateServiceUser({ serviceUserId: "sa::beta" }, as("admin"));
  const gone = await identity.serviceUsers.createServiceUser({ name: "gone" }, as("admin"));
  await identity.serviceUsers.deleteServiceUser(
    { serviceUserId: gone.serviceUser?.serviceUserId ?? "" },
    as("admin"),
  );
});
afterAll(() => identity[Symbol.asyncDispose]());

type Filter = { states?: State[]; namePrefix?: string; beforeId?: string; nameContains?: string };
async function listAll(filter: Filter, pageSize: number): Promise<string[]> {
  const found: string[] = [];
  let pageToken = "";
  do {
    const page = await identity.serviceUsers.listServiceUsers(
      { filter, pageSize, pageToken },
      as("developer"),
    );
    expect(page.serviceUsers.length).toBeLessThanOrEqual(pageSize);
    found.push(...page.serviceUsers.map(({ name }) => name));
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
  return found;
}

test.each([1, 2, 4, 5, 6, 500])("pages of %i give each living one once, newest first", async (pageSize) => {
  expect(await listAll({}, pageSize)).toEqual(names.toReversed());
});

test.each<[Filter, string[]]>([
  [{ namePrefix: "ALPHA" }, ["Alpha-2", "alpha-1"]],
  [{ namePrefix: "under_" }, ["under_score"]],
  [{ namePrefix: "%" }, []],
  [{ nameContains: "A-" }, ["Alpha-2", "alpha-1"]],
  [{ nameContains: "_" }, ["under_score"]],
  [{ states: [State.INACTIVE] }, ["beta"]],
  [{ states: [State.LOCKED] }, []],
  [{ states: [State.ACTIVE, State.INACTIVE], namePrefix: "b" }, ["beta"]],
])("the filter %o finds %o", async (filter, expected) => {
  expect(await listAll(filter, 2)).toEqual(expected);
});

test("what is older than one of them is found, also when that one is gone", async () => {
  const { serviceUsers } = await identity.serviceUsers.listServiceUsers({ pageSize: 2 }, as("admin"));
  const beforeId = serviceUsers[1]?.serviceUserId ?? "";
  const older = names.toReversed().slice(2);
  expect(await listAll({ beforeId }, 2)).toEqual(older);
  await identity.serviceUsers.deleteServiceUser({ serviceUserId: beforeId }, as("admin"));
  expect(await listAll({ beforeId }, 2)).toEqual(older);
});

test("a page can begin anywhere, and tell how many there are on all", async () => {
  const filter = { states: [State.ACTIVE] };
  const all = await listAll(filter, 500);
  const { serviceUsers, totalSize } = await identity.serviceUsers.listServiceUsers(
    { skip: 1, pageSize: 2, withTotalSize: true, filter },
    as("admin"),
  );
  expect(serviceUsers.map(({ name }) => name)).toEqual(all.slice(1, 3));
  expect(totalSize).toBe(BigInt(all.length));
});

test("those of some ids are found, and no others", async () => {
  const { serviceUsers: all } = await identity.serviceUsers.listServiceUsers({}, as("admin"));
  const serviceUserIds = [all[0]?.serviceUserId ?? "", all[3]?.serviceUserId ?? "", "svc_unknown"];
  const { serviceUsers } = await identity.serviceUsers.listServiceUsers(
    { filter: { serviceUserIds } },
    as("admin"),
  );
  expect(serviceUsers).toEqual([all[0], all[3]]);
});

test("another account's list has none of them", async () => {
  const { serviceUsers } = await identity.serviceUsers.listServiceUsers({}, as("stranger"));
  expect(serviceUsers).toEqual([]);
});

test("a page token is good for its own list and filter only", async () => {
  const { nextPageToken: pageToken } = await identity.serviceUsers.listServiceUsers(
    { pageSize: 2 },
    as("admin"),
  );
  for (const request of [
    identity.serviceUsers.listServiceUsers({ pageToken, filter: { namePrefix: "a" } }, as("admin")),
    identity.serviceUsers.listServiceUsers({ pageToken }, as("stranger")),
    identity.serviceUsers.listServiceUsers({ pageToken: `${pageToken}x` }, as("admin")),
    identity.serviceUsers.listServiceUsers({ pageToken: "garbage" }, as("admin")),
  ]) {
    const refused = await request.catch((error: unknown) => reasonOf(error));
    expect(refused).toBe("PAGE_TOKEN_INVALID");
  }
});

test("page sizes beyond the limits are refused", async () => {
  for (const pageSize of [-1, 501]) {
    const refused = await identity.serviceUsers
      .listServiceUsers({ pageSize }, as("admin"))
      .catch((error: unknown) => reasonOf(error));
    expect(refused).toBe("VALIDATION_FAILED");
  }
});
