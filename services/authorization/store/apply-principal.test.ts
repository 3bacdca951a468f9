import { newId } from "@portcullis/service";
import * as fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { applyPrincipal } from "../domain/apply-principal.ts";
import { createRoleBinding } from "../domain/create-role-binding.ts";
import type { SubjectStore } from "../domain/decision-ports.ts";
import type { PrincipalRef } from "../domain/ids.ts";
import type { UnitOfWork } from "../domain/ports.ts";
import type { Principal } from "../domain/principal.ts";
import type { RoleBindingStore } from "../domain/principal-ports.ts";
import { type OpenedDatabase, openTestDatabase } from "../testing/database.ts";
import { pausing, untilBlocked } from "../testing/pausing.ts";
import { history, inForce, shuffledWithRepeats } from "../testing/principal-histories.ts";
import { identity, mutation, principal, ref } from "../testing/principals.ts";
import { createPostgresRoleBindings } from "./postgres-role-bindings.ts";
import { createPostgresSubjects } from "./postgres-subjects.ts";

const { signal } = new AbortController();
const now = () => new Date();
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
});

afterAll(() => opened.end());

const apply = (told: Principal, through = work) =>
  applyPrincipal({ work: through }, identity, told, signal).then(({ value }) => value.version);
const stateOf = async (of: PrincipalRef) => (await subjects.find(of, signal)).holdings?.principal;
const give = (principalId: string, roleId: string, through = work) =>
  createRoleBinding(
    { work: through, roleBindings, now },
    mutation("acct_a"),
    ref("acct_a", principalId),
    roleId,
    signal,
  );

test("all of a principal is kept", async () => {
  const told = principal("acct_a", newId("svc"), {
    kind: "service_user",
    state: "locked",
    version: Number.MAX_SAFE_INTEGER,
    superAdmin: true,
  });
  expect(await apply(told)).toBe(Number.MAX_SAFE_INTEGER);
  expect((await subjects.find(told, signal)).holdings).toMatchObject({ principal: told, boundRoleIds: [] });
});

test("what changes a principal leaves one audit event, what does not leaves none", async () => {
  const told = principal("acct_a", newId("user"));
  await apply(told);
  await apply(told);
  await apply({ ...told, state: "deleted", version: 2 });
  await apply({ ...told, version: 3 });
  const events = await opened.database.db
    .selectFrom("audit_outbox")
    .select(["action", "actor", "detail"])
    .where("target_id", "=", told.principalId)
    .orderBy("id")
    .execute();
  expect(events).toEqual([
    { action: "principal.apply", actor: identity, detail: expect.objectContaining({ state: "active" }) },
    { action: "principal.apply", actor: identity, detail: expect.objectContaining({ state: "deleted" }) },
  ]);
});

test.each([
  { first: 1, second: 2, confirmed: 2 },
  { first: 2, second: 1, confirmed: 2 },
  { first: 2, second: 2, confirmed: 2 },
])("of two that tell of a new principal at once the higher wins: $first, $second", async (order) => {
  const told = principal("acct_a", newId("user"));
  const paused = pausing(work);
  const first = apply({ ...told, version: order.first }, paused);
  await paused.reached;
  const second = apply({ ...told, version: order.second });
  await untilBlocked(opened.database.db);
  paused.release();
  expect(await first).toBe(order.first);
  expect(await second).toBe(order.confirmed);
  expect((await stateOf(told))?.version).toBe(2);
});

test.each([
  { first: 2, second: 3, confirmed: 3 },
  { first: 3, second: 2, confirmed: 3 },
])("of two that change a known principal at once the higher wins: $first, $second", async (order) => {
  const told = principal("acct_a", newId("user"));
  await apply(told);
  const paused = pausing(work);
  const first = apply({ ...told, version: order.first }, paused);
  await paused.reached;
  const second = apply({ ...told, version: order.second });
  await untilBlocked(opened.database.db);
  paused.release();
  expect(await first).toBe(order.first);
  expect(await second).toBe(order.confirmed);
  expect((await stateOf(told))?.version).toBe(3);
});

test("a role that is given while its user is being deleted is not given", async () => {
  const told = principal("acct_a", newId("user"));
  await apply(told);
  const paused = pausing(work);
  const deletion = apply({ ...told, state: "deleted", version: 2 }, paused);
  await paused.reached;
  const giving = expect(give(told.principalId, "administrator")).rejects.toEqual(
    expect.objectContaining({ reason: "PRINCIPAL_NOT_FOUND" }),
  );
  await untilBlocked(opened.database.db);
  paused.release();
  await deletion;
  await giving;
  expect(await roleBindings.find(told, "administrator", signal)).toBeUndefined();
});

test("a deletion that waits for a role being given takes that role too", async () => {
  const told = principal("acct_a", newId("user"));
  await apply(told);
  const paused = pausing(work);
  const giving = give(told.principalId, "administrator", paused);
  await paused.reached;
  const deletion = apply({ ...told, state: "deleted", version: 2 });
  await untilBlocked(opened.database.db);
  paused.release();
  await giving;
  expect(await deletion).toBe(2);
  expect(await roleBindings.find(told, "administrator", signal)).toBeUndefined();
});

test("told all at once in any order and again, a history ends in its highest version, or deleted", async () => {
  const shape = ref("acct_a", "user_any");
  const cases = history(shape).chain((versions) =>
    fc.tuple(fc.constant(versions), shuffledWithRepeats(versions)),
  );
  await fc.assert(
    fc.asyncProperty(cases, async ([versions, deliveries]) => {
      const { principalId } = ref("acct_a", newId("user"));
      await Promise.all(deliveries.map((told) => apply({ ...told, principalId })));
      expect(await stateOf({ ...shape, principalId })).toEqual({
        ...inForce(versions),
        principalId,
      });
    }),
    { numRuns: 60 },
  );
});
