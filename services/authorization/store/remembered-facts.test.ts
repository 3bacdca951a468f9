import { newId } from "@portcullis/service";
import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { applyAccount } from "../domain/apply-account.ts";
import { applyPrincipal } from "../domain/apply-principal.ts";
import { batchCheck } from "../domain/batch-check.ts";
import { grantPermissions } from "../domain/change-grants.ts";
import { removeGroupRoles } from "../domain/change-group-roles.ts";
import { type CheckDeps, check, type SubjectQuestion } from "../domain/check.ts";
import { type AccountId, parseAccountId } from "../domain/ids.ts";
import { registerObjects } from "../domain/register-objects.ts";
import { setObjectAccess } from "../domain/share-objects.ts";
import { type OpenedDatabase, openTestDatabase } from "../testing/database.ts";
import { identity, mutation, principal, ref } from "../testing/principals.ts";
import { startEmptying } from "./account-emptying.ts";

const { signal } = new AbortController();
const everyAccount = { of: "every_account" } as const;
let opened: OpenedDatabase;
let deps: CheckDeps;
let accountId: AccountId;

beforeAll(async () => {
  opened = await openTestDatabase();
  deps = opened.memory;
});
afterAll(() => opened.end());
beforeEach(async () => {
  accountId = parseAccountId(newId("acct"));
  await tell(accountId, "user_1");
});

const tell = (account: string, principalId: string, superAdmin = false) =>
  applyPrincipal(opened.stores, identity, principal(account, principalId, { superAdmin }), signal);
const question = (principalId: string, more: Partial<SubjectQuestion> = {}): SubjectQuestion => ({
  subject: ref(accountId, principalId),
  accountId,
  permission: "ingestion",
  object: undefined,
  minRevision: 0,
  ...more,
});
const viewing = (objectId: string) => ({
  permission: undefined,
  object: { objectType: "dashboard", objectId, action: "view" } as const,
});
const register = (objectId: string) =>
  registerObjects(
    { ...opened.stores, now: () => new Date() },
    mutation(accountId),
    { accountId, objectType: "dashboard", objects: [{ objectId, creatorId: undefined }] },
    signal,
  );

test("what is known is answered at once, what is not is read first; also that there is nobody, and nothing", async () => {
  await register("d1");
  const asked = [
    question("user_1"),
    question("user_none"),
    question("user_1", viewing("d1")),
    question("user_1", viewing("none")),
  ];
  for (const one of asked) {
    const first = check(deps, everyAccount, one, signal);
    expect(first).toBeInstanceOf(Promise);
    const answer = await first;
    // A lease may have ended meanwhile; then there is a new one.
    const again = check(deps, everyAccount, one, signal);
    expect(await again).toMatchObject({ allowed: answer.allowed, reason: answer.reason });
    await opened.memory.coherence.replica.confirm(signal);
    expect(check(deps, everyAccount, one, signal)).not.toBeInstanceOf(Promise);
  }
  const items = [
    { principalId: ref(accountId, "user_1").principalId, permission: "ingestion", object: undefined },
  ];
  await opened.memory.coherence.replica.confirm(signal);
  expect(batchCheck(deps, accountId, items, 0, { signal })).not.toBeInstanceOf(Promise);
});

test("what is out of view is not looked up", async () => {
  await opened.memory.coherence.replica.confirm(signal);
  const view = { of: "account", accountId: "acct_other" } as const;
  const answer = check(deps, view, question(newId("user")), signal);
  expect(answer).toMatchObject({ reason: "subject_unknown", dependsOn: [] });
});

test("an answer from memory waits for a revision that is not applied yet, and is of it", async () => {
  await check(deps, everyAccount, question("user_1"), signal);
  const grants = { accountId, principalIds: ["user_1"], ids: ["ingestion"] };
  const { effect } = await grantPermissions(opened.stores, mutation(accountId), grants, signal);
  const minRevision = effect?.at.position ?? 0;
  const answer = await check(deps, everyAccount, question("user_1", { minRevision }), signal);
  expect(answer.allowed).toBe(true);
  expect(answer.basis.revision).toBeGreaterThanOrEqual(minRevision);
  const later = question("user_1", { minRevision: minRevision + 100 });
  const refused = expect.objectContaining({ reason: "REVISION_UNKNOWN" });
  await expect((async () => check(deps, everyAccount, later, signal))()).rejects.toEqual(refused);
});

test("an object that is open to very many is answered from Postgres, and not remembered", async () => {
  await register("d1");
  const entries = Array.from({ length: 1_001 }, (_, index) => `user_x${index}`);
  await sql`insert into object_access select ${accountId}, 'dashboard', 'd1', h, false
    from unnest(${entries}::text[]) h`.execute(opened.database.db);
  for (let round = 0; round < 2; round++) {
    const answer = await check(deps, everyAccount, question("user_1", viewing("d1")), signal);
    expect(answer).toMatchObject({ allowed: true, dependsOn: [] });
  }
  const key = { accountId, objectType: "dashboard", objectId: "d1" };
  await setObjectAccess(opened.stores, mutation(accountId), key, [], signal);
  const closed = await check(deps, everyAccount, question("user_1", viewing("d1")), signal);
  expect(closed).toMatchObject({ allowed: false, reason: "object_not_accessible" });
  expect(closed.dependsOn).not.toEqual([]);
});

test("what was in a deleted account goes for operators of others as it is deleted", async () => {
  const operators = newId("acct");
  await tell(operators, "user_op", true);
  await register("d1");
  const asked = { ...question("user_1", viewing("d1")), subject: ref(operators, "user_op") };
  expect(await check(deps, everyAccount, asked, signal)).toMatchObject({ reason: "super_admin" });
  await applyAccount(opened.stores, identity, { accountId, state: "deleted", version: 2 }, signal);
  const before = await check(deps, everyAccount, asked, signal);
  expect(before.dependsOn).toEqual([]);
  const emptying = startEmptying(opened.database.db, (error) => expect.fail(String(error)));
  const reason = async () => (await check(deps, everyAccount, asked, signal)).reason;
  await expect.poll(reason, { interval: 5, timeout: 20_000 }).toBe("object_not_accessible");
  await emptying.stop();
});

test("an id of the longest kind is one like any other", async () => {
  const objectId = "\u{1f512}".repeat(255);
  const asked = question("user_1", viewing(objectId));
  expect((await check(deps, everyAccount, asked, signal)).allowed).toBe(false);
  await register(objectId);
  expect((await check(deps, everyAccount, asked, signal)).allowed).toBe(true);
});

test("names with a slash are nothing that is remembered under another's", async () => {
  const asked = (objectType: string, objectId: string) =>
    question("user_1", { permission: undefined, object: { objectType, objectId, action: "view" } });
  await register("b/c");
  for (const [type, id, allowed] of [
    ["dashboard/b", "c", false],
    ["dashboard", "b/c", true],
    ["dashboard/b", "c", false],
  ] as const) {
    expect((await check(deps, everyAccount, asked(type, id), signal)).allowed).toBe(allowed);
  }
  const elsewhere = { ...question("user_1", viewing("b/c")), accountId: `${accountId}/dashboard` };
  expect((await check(deps, everyAccount, elsewhere, signal)).allowed).toBe(false);
});

test("who is in thousands of groups is answered from memory too, until one of them loses its role", async () => {
  const groups = 3_000;
  const { db } = opened.database;
  await sql`insert into roles select ${accountId}, 'role_1', 'One', 'one', '', 1, now(), now()`.execute(db);
  await sql`insert into role_permissions values (${accountId}, 'role_1', 'ingestion')`.execute(db);
  await sql`insert into groups select ${accountId}, 'grp_' || i, 'G' || i, 'g' || i, '', 1, now(), now()
    from generate_series(1, ${groups}::int) i`.execute(db);
  await sql`insert into group_members select ${accountId}, 'grp_' || i, 'user_1'
    from generate_series(1, ${groups}::int) i`.execute(db);
  await sql`insert into role_assignments values (${accountId}, 'grp_2999', 'role_1')`.execute(db);
  expect(await check(deps, everyAccount, question("user_1"), signal)).toMatchObject({ allowed: true });
  expect(check(deps, everyAccount, question("user_1"), signal)).toMatchObject({ allowed: true });
  const lost = { accountId, groupId: "grp_2999", roleIds: ["role_1"] };
  await removeGroupRoles(opened.stores, mutation(accountId), lost, signal);
  expect(await check(deps, everyAccount, question("user_1"), signal)).toMatchObject({ allowed: false });
});
