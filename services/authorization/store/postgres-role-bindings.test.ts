import { afterAll, beforeAll, expect, test } from "vitest";
import { applyPrincipal } from "../domain/apply-principal.ts";
import { createRoleBinding } from "../domain/create-role-binding.ts";
import type { SubjectStore } from "../domain/decision-ports.ts";
import type { PrincipalId } from "../domain/ids.ts";
import type { UnitOfWork } from "../domain/ports.ts";
import type { RoleBindingStore } from "../domain/principal-ports.ts";
import { type OpenedDatabase, openTestDatabase } from "../testing/database.ts";
import { identity, mutation, principal, ref } from "../testing/principals.ts";
import { createPostgresRoleBindings } from "./postgres-role-bindings.ts";
import { createPostgresSubjects } from "./postgres-subjects.ts";

const { signal } = new AbortController();
const { accountId, principalId: userA } = ref("acct_a", "user_a");
const pageTokenInvalid = expect.objectContaining({ reason: "PAGE_TOKEN_INVALID" });
let clockMs = Date.UTC(2026, 0, 1);
const now = () => new Date(++clockMs);
let opened: OpenedDatabase;
let work: UnitOfWork;
let subjects: SubjectStore;
let roleBindings: RoleBindingStore;

beforeAll(async () => {
  opened = await openTestDatabase();
  const { db } = opened.database;
  ({ work } = opened.stores);
  subjects = createPostgresSubjects(db);
  roleBindings = createPostgresRoleBindings(db);
  // In an order that is neither the list's nor its reverse.
  for (const principalId of ["user_b", "user_C", "user_a"]) {
    await applyPrincipal({ work }, identity, principal("acct_a", principalId), signal);
    for (const roleId of ["team_manager", "billing_none", "developer_read_only"]) {
      await give("acct_a", principalId, roleId);
    }
  }
  await applyPrincipal({ work }, identity, principal("acct_b", "user_a"), signal);
  await give("acct_b", "user_a", "administrator");
});

afterAll(() => opened.end());

const give = async (account: string, principalId: string, roleId: string) => {
  const { value } = await createRoleBinding(
    { work, roleBindings, now },
    mutation(account),
    ref(account, principalId),
    roleId,
    signal,
  );
  return value.binding;
};

async function listAll(size: number, principalId?: PrincipalId): Promise<readonly string[][]> {
  const pages: string[][] = [];
  let token = "";
  do {
    const page = await roleBindings.list(accountId, principalId, { size, token }, signal);
    pages.push(page.items.map((binding) => `${binding.principalId} ${binding.roleId}`));
    token = page.nextToken;
  } while (token !== "");
  return pages;
}

test.each([1, 2, 3, 8, 9, 10])("lists by principal and role, each once, in pages of %i", async (size) => {
  const pages = await listAll(size);
  expect(pages.flat()).toEqual(
    ["user_C", "user_a", "user_b"].flatMap((principalId) =>
      ["billing_none", "developer_read_only", "team_manager"].map((roleId) => `${principalId} ${roleId}`),
    ),
  );
  expect(pages.map(({ length }) => length)).toEqual(
    Array.from({ length: Math.ceil(9 / size) }, (_, index) => Math.min(size, 9 - index * size)),
  );
});

test("lists one principal's", async () => {
  expect(await listAll(2, userA)).toEqual([
    ["user_a billing_none", "user_a developer_read_only"],
    ["user_a team_manager"],
  ]);
});

test("takes no token of another account, another filter, or nobody's", async () => {
  const { nextToken } = await roleBindings.list(accountId, undefined, { size: 1, token: "" }, signal);
  const page = { size: 1, token: nextToken };
  const other = ref("acct_b", "user_a").accountId;
  await expect(roleBindings.list(other, undefined, page, signal)).rejects.toEqual(pageTokenInvalid);
  await expect(roleBindings.list(accountId, userA, page, signal)).rejects.toEqual(pageTokenInvalid);
  const forged = { size: 1, token: "AAAA" };
  await expect(roleBindings.list(accountId, undefined, forged, signal)).rejects.toEqual(pageTokenInvalid);
});

test("finds a binding with the moment it was made at", async () => {
  const before = clockMs;
  const made = await give("acct_b", "user_a", "team_read_only");
  expect(made.createdAt.getTime()).toBeGreaterThan(before);
  expect(await roleBindings.find(ref("acct_b", "user_a"), "team_read_only", signal)).toEqual(made);
  expect(await roleBindings.find(ref("acct_b", "user_a"), "team_manager", signal)).toBeUndefined();
  expect(await roleBindings.find(ref("acct_none", "user_a"), "team_read_only", signal)).toBeUndefined();
});

test("a binding of the same aspect takes the place of the one before, with a new moment", async () => {
  const user = ref("acct_b", "user_a");
  await give("acct_b", "user_a", "billing_none");
  const replacing = await give("acct_b", "user_a", "billing_access");
  expect(await roleBindings.find(user, "billing_none", signal)).toBeUndefined();
  expect(await roleBindings.find(user, "billing_access", signal)).toEqual(replacing);
  expect(await give("acct_b", "user_a", "billing_access")).toEqual(replacing);
});

test("a subject comes with its own roles only", async () => {
  const { holdings: subject } = await subjects.find(ref("acct_a", "user_b"), signal);
  expect(subject?.principal).toEqual(principal("acct_a", "user_b"));
  expect(subject?.boundRoleIds.toSorted()).toEqual(["billing_none", "developer_read_only", "team_manager"]);
  expect((await subjects.find(ref("acct_b", "user_b"), signal)).holdings).toBeUndefined();
});
