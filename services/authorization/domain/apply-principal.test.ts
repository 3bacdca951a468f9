import * as fc from "fast-check";
import { expect, test } from "vitest";
import { InMemoryStore } from "../testing/in-memory-store.ts";
import { history, inForce, shuffledWithRepeats } from "../testing/principal-histories.ts";
import { identity, mutation, principal, ref } from "../testing/principals.ts";
import { applyPrincipal } from "./apply-principal.ts";
import { createRoleBinding } from "./create-role-binding.ts";
import type { Principal } from "./principal.ts";

const { signal } = new AbortController();
const user = ref("acct_a", "user_1");

const apply = (store: InMemoryStore, told: Principal) =>
  applyPrincipal({ work: store }, identity, told, signal).then(({ value }) => value.version);
const told = (changes: Partial<Omit<Principal, "accountId" | "principalId">>) =>
  principal("acct_a", "user_1", changes);
const stateOf = async (store: InMemoryStore) => store.holdingsOf(user)?.principal;

test("a higher version is enforced, and confirmed with itself", async () => {
  const store = new InMemoryStore();
  expect(await apply(store, told({ version: 3 }))).toBe(3);
  expect(await apply(store, told({ version: 5, state: "inactive", superAdmin: true }))).toBe(5);
  expect(await stateOf(store)).toEqual(told({ version: 5, state: "inactive", superAdmin: true }));
});

test("a lower or equal version changes nothing, and is confirmed with the one in force", async () => {
  const store = new InMemoryStore();
  await apply(store, told({ version: 5, state: "locked" }));
  expect(await apply(store, told({ version: 4 }))).toBe(5);
  expect(await apply(store, told({ version: 5 }))).toBe(5);
  expect(await stateOf(store)).toEqual(told({ version: 5, state: "locked" }));
  expect(store.events).toHaveLength(1);
});

test("no later version undoes a deletion", async () => {
  const store = new InMemoryStore();
  await apply(store, told({ version: 2, state: "deleted" }));
  expect(await apply(store, told({ version: 3 }))).toBe(2);
  expect((await stateOf(store))?.state).toBe("deleted");
});

test("a deleted principal loses its roles, and they are in the audit event", async () => {
  const store = new InMemoryStore();
  await apply(store, told({}));
  for (const roleId of ["team_manager", "administrator"]) {
    await createRoleBinding(
      { work: store, roleBindings: store.roleBindings, now: () => new Date(0) },
      mutation("acct_a"),
      user,
      roleId,
      signal,
    );
  }
  await apply(store, told({ version: 2, state: "deleted" }));
  expect(store.holdingsOf(user)?.boundRoleIds).toEqual([]);
  expect(store.events.at(-1)).toEqual({
    accountId: "acct_a",
    action: "principal.apply",
    targetId: "user_1",
    detail: {
      kind: "user",
      state: "deleted",
      version: 2,
      superAdmin: false,
      removedRoles: ["administrator", "team_manager"],
    },
  });
});

test("an inactive principal keeps its roles", async () => {
  const store = new InMemoryStore();
  await apply(store, told({}));
  await createRoleBinding(
    { work: store, roleBindings: store.roleBindings, now: () => new Date(0) },
    mutation("acct_a"),
    user,
    "team_manager",
    signal,
  );
  await apply(store, told({ version: 2, state: "inactive" }));
  expect(store.holdingsOf(user)?.boundRoleIds).toEqual(["team_manager"]);
});

test("however a history is shuffled and repeated, it ends in its highest version, or deleted", async () => {
  const cases = history(user).chain((versions) =>
    fc.tuple(fc.constant(versions), shuffledWithRepeats(versions)),
  );
  await fc.assert(
    fc.asyncProperty(cases, async ([versions, deliveries]) => {
      const store = new InMemoryStore();
      for (const delivery of deliveries) {
        const confirmed = await apply(store, delivery);
        expect(confirmed).toBe((await stateOf(store))?.version);
      }
      expect(await stateOf(store)).toEqual(inForce(versions));
    }),
  );
});
