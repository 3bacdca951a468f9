import { newId } from "@portcullis/service";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { applyPrincipal } from "../domain/apply-principal.ts";
import { createRoleBinding } from "../domain/create-role-binding.ts";
import type { SubjectStore } from "../domain/decision-ports.ts";
import { deleteRoleBinding } from "../domain/delete-role-binding.ts";
import type { UnitOfWork } from "../domain/ports.ts";
import type { RoleBindingStore } from "../domain/principal-ports.ts";
import { type OpenedDatabase, openTestDatabase } from "../testing/database.ts";
import { pausing, untilBlocked } from "../testing/pausing.ts";
import { identity, mutation, principal, ref } from "../testing/principals.ts";
import { createPostgresRoleBindings } from "./postgres-role-bindings.ts";
import { createPostgresSubjects } from "./postgres-subjects.ts";

const { signal } = new AbortController();
const now = () => new Date();
const lastAdministrator = expect.objectContaining({ reason: "LAST_ADMINISTRATOR" });
let opened: OpenedDatabase;
let work: UnitOfWork;
let subjects: SubjectStore;
let roleBindings: RoleBindingStore;
let accountId: string;

beforeAll(async () => {
  opened = await openTestDatabase();
  const { db } = opened.database;
  ({ work } = opened.stores);
  subjects = createPostgresSubjects(db);
  roleBindings = createPostgresRoleBindings(db);
});

afterAll(() => opened.end());

beforeEach(async () => {
  accountId = newId("acct");
  for (const principalId of ["user_a", "user_b", "user_c"]) {
    await applyPrincipal({ work }, identity, principal(accountId, principalId), signal);
  }
  await give("user_a", "administrator");
  await give("user_b", "administrator");
});

const give = (principalId: string, roleId: string) =>
  createRoleBinding(
    { work, roleBindings, now },
    mutation(accountId),
    ref(accountId, principalId),
    roleId,
    signal,
  );
const takeAdministrator = (principalId: string, through = work) =>
  deleteRoleBinding(
    { work: through },
    mutation(accountId),
    ref(accountId, principalId),
    "administrator",
    signal,
  );
const rolesOf = async (principalId: string) =>
  (await subjects.find(ref(accountId, principalId), signal)).holdings?.boundRoleIds;

test.each([
  ["user_a", "user_b"],
  ["user_b", "user_a"],
] as const)("of two administrators who remove each other at once one stays: %s goes", async (goes, stays) => {
  const paused = pausing(work);
  const first = takeAdministrator(goes, paused);
  await paused.reached;
  const second = expect(takeAdministrator(stays)).rejects.toEqual(lastAdministrator);
  await untilBlocked(opened.database.db);
  paused.release();
  await first;
  await second;
  expect(await rolesOf(goes)).toEqual([]);
  expect(await rolesOf(stays)).toEqual(["administrator"]);
});

test("of many who are removed at once one stays", async () => {
  await give("user_c", "administrator");
  const all = ["user_a", "user_b", "user_c"];
  const results = await Promise.allSettled(all.map((principalId) => takeAdministrator(principalId)));
  const refusals = results.filter((result) => result.status === "rejected");
  expect(refusals.map(({ reason }): unknown => reason)).toEqual([lastAdministrator]);
  const roles = await Promise.all(all.map(rolesOf));
  expect(roles.flat()).toEqual(["administrator"]);
});

test("an administrator who is being deactivated does not count once that is in force", async () => {
  const paused = pausing(work);
  const inactive = principal(accountId, "user_b", { state: "inactive", version: 2 });
  const deactivation = applyPrincipal({ work: paused }, identity, inactive, signal);
  await paused.reached;
  const removal = expect(takeAdministrator("user_a")).rejects.toEqual(lastAdministrator);
  await untilBlocked(opened.database.db);
  paused.release();
  await deactivation;
  await removal;
  expect(await rolesOf("user_a")).toEqual(["administrator"]);
});

test("a refused removal leaves no audit event and no request id", async () => {
  await takeAdministrator("user_a");
  const request = mutation(accountId, { requestId: "r1" });
  const remove = () =>
    deleteRoleBinding({ work }, request, ref(accountId, "user_b"), "administrator", signal);
  await expect(remove()).rejects.toEqual(lastAdministrator);
  await give("user_a", "administrator");
  await remove();
  await remove();
  const events = await opened.database.db
    .selectFrom("audit_outbox")
    .select(["target_id", "detail", "actor"])
    .where("account_id", "=", accountId)
    .where("action", "=", "role_binding.delete")
    .orderBy("id")
    .execute();
  const detail = { roleId: "administrator" };
  expect(events).toEqual([
    { target_id: "user_a", detail, actor: request.actor },
    { target_id: "user_b", detail, actor: request.actor },
  ]);
});
