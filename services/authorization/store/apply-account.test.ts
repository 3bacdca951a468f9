import { newId } from "@portcullis/service";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Account } from "../domain/account.ts";
import { applyAccount } from "../domain/apply-account.ts";
import { applyPrincipal } from "../domain/apply-principal.ts";
import { createRole } from "../domain/create-role.ts";
import { parseAccountId } from "../domain/ids.ts";
import type { UnitOfWork } from "../domain/ports.ts";
import type { RoleStore } from "../domain/role-ports.ts";
import { type OpenedDatabase, openTestDatabase } from "../testing/database.ts";
import { pausing, untilBlocked } from "../testing/pausing.ts";
import { identity, mutation, principal } from "../testing/principals.ts";
import { startEmptying } from "./account-emptying.ts";
import { createPostgresRoles } from "./postgres-roles.ts";
import { createPostgresSubjects } from "./postgres-subjects.ts";

const { signal } = new AbortController();
const now = () => new Date();
let opened: OpenedDatabase;
let work: UnitOfWork;
let roles: RoleStore;

beforeAll(async () => {
  opened = await openTestDatabase();
  const { db } = opened.database;
  ({ work } = opened.stores);
  roles = createPostgresRoles(db);
});
afterAll(() => opened.end());

const apply = (accountId: string, state: Account["state"], version: number, through = work) =>
  applyAccount({ work: through }, identity, { accountId: parseAccountId(accountId), state, version }, signal);
const newRole = (accountId: string, through = work) =>
  createRole(
    { work: through, roles, newId, now },
    mutation(accountId),
    parseAccountId(accountId),
    { displayName: "Role", description: "", permissionIds: [] },
    signal,
  );
const rolesOf = async (accountId: string) =>
  (await roles.list(parseAccountId(accountId), { size: 9, token: "" }, signal)).items.length;

test("a change that was under way when its account was deleted is waited for, and goes with it", async () => {
  // Nothing was told of it yet: there is no row that could be locked.
  const accountId = newId("acct");
  const paused = pausing(work);
  const creation = newRole(accountId, paused);
  await paused.reached;
  const deletion = apply(accountId, "deleted", 2);
  await untilBlocked(opened.database.db);
  paused.release();
  await creation;
  expect((await deletion).value.state).toBe("deleted");
  const emptying = startEmptying(opened.database.db, (error) => expect.fail(String(error)));
  await expect.poll(() => rolesOf(accountId), { interval: 5, timeout: 20_000 }).toBe(0);
  await emptying.stop();
});

test("a change that comes while its account is being deleted finds no account", async () => {
  const accountId = newId("acct");
  const paused = pausing(work);
  const deletion = apply(accountId, "deleted", 2, paused);
  await paused.reached;
  const creation = expect(newRole(accountId)).rejects.toEqual(
    expect.objectContaining({ reason: "ACCOUNT_NOT_FOUND" }),
  );
  const telling = applyPrincipal({ work }, identity, principal(accountId, "user_1"), signal);
  await untilBlocked(opened.database.db);
  paused.release();
  await deletion;
  await creation;
  expect((await telling).value).toMatchObject({ state: "deleted", version: 1 });
  const subjects = createPostgresSubjects(opened.database.db);
  expect((await subjects.find(principal(accountId, "user_1"), signal)).holdings).toBeUndefined();
});

test.each([
  { first: 2, second: 3, confirmed: 3 },
  { first: 3, second: 2, confirmed: 3 },
])("of two that tell of an account at once the higher wins: $first, $second", async (order) => {
  const accountId = newId("acct");
  const paused = pausing(work);
  const first = apply(accountId, "suspended", order.first, paused);
  await paused.reached;
  const second = apply(accountId, "suspended", order.second);
  await untilBlocked(opened.database.db);
  paused.release();
  expect((await first).value.version).toBe(order.first);
  expect((await second).value.version).toBe(order.confirmed);
});
