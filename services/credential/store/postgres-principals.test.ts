import type { DomainError } from "@portcullis/errors";
import * as fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createAuthtoken } from "../domain/create-authtoken.ts";
import { parsePrincipalId } from "../domain/ids.ts";
import type { Principal } from "../domain/principal.ts";
import { account, idOf, never, otherAccount, principal, tokenCredential } from "../testing/fixtures.ts";
import { gate } from "../testing/gate.ts";
import { createCommand as command, startTestStores, type TestStores } from "../testing/start-stores.ts";

let world: TestStores;
beforeAll(async () => {
  world = await startTestStores();
});
beforeEach(() => world.clear());
afterAll(() => world[Symbol.asyncDispose]());

const reasonOf = (promise: Promise<unknown>) =>
  promise.then(
    () => "none",
    (error: DomainError) => error.reason,
  );

describe("principals", () => {
  test("end in the same state in whatever order and however often they are told", async () => {
    let next = 1000;
    const state = fc.constantFrom("active", "inactive", "locked");
    const history = fc
      .tuple(fc.array(state, { minLength: 1, maxLength: 5 }), fc.boolean())
      .map(([states, isDeleted]): readonly Principal["state"][] =>
        isDeleted ? [...states, "deleted"] : states,
      );
    const told = history.chain((states) =>
      fc.tuple(
        fc.constant(states),
        fc.shuffledSubarray([...states.keys(), ...states.keys()], { minLength: states.length * 2 }),
      ),
    );
    await fc.assert(
      fc.asyncProperty(told, async ([states, order]) => {
        const principalId = parsePrincipalId(idOf("svc", next++));
        // Version 1 is the creation, which a credential can't be without.
        await world.apply({ principalId });
        const { credential } = tokenCredential("authtoken", { ownerId: principalId });
        await world.insert(credential);
        let highest = 1;
        for (const index of order) {
          const version = index + 2;
          const answered = await world.apply({ principalId, state: states[index] ?? "active", version });
          highest = Math.max(highest, version);
          expect(answered).toBe(highest);
        }
        const row = await world.database.db
          .selectFrom("principals")
          .select(["state", "version"])
          .where("principal_id", "=", principalId)
          .executeTakeFirst();
        expect(row).toEqual({ state: states.at(-1), version: states.length + 1 });
        const left = await world.stores.credentials.find(account, credential.id, never);
        expect(left === undefined).toBe(states.at(-1) === "deleted");
      }),
      { numRuns: 40 },
    );
  });

  test("once deleted stay so, whatever version comes", async () => {
    await world.apply();
    await world.apply({ state: "deleted", version: 5 });
    for (const version of [4, 5, 6, 100]) expect(await world.apply({ version })).toBe(5);
    expect(await reasonOf(createAuthtoken(world.deps, command(), never))).toBe("PRINCIPAL_NOT_FOUND");
    // Only a deletion may follow: identity's database, restored to an earlier time, decides it anew.
    expect(await world.apply({ state: "deleted", version: 101 })).toBe(101);
    expect(await world.apply({ version: 102 })).toBe(101);
  });

  test("of other accounts and other ids are left alone", async () => {
    await world.apply();
    await world.apply({ accountId: otherAccount });
    const kept = tokenCredential("authtoken", { accountId: otherAccount }).credential;
    await world.insert(kept);
    await world.insert(tokenCredential("authtoken").credential);
    await world.apply({ state: "deleted", version: 2 });
    expect(await world.locators()).toEqual([kept.locator]);
  });

  test("that are new and told of twice at once become one", async () => {
    const { reached, open, pass } = gate();
    const first = world.stores.principals.change(async (tx) => {
      const result = await tx.supersede(principal({ version: 1 }));
      await pass();
      return result;
    }, never);
    await reached;
    const second = world.apply({ version: 2, state: "locked" });
    await world.untilBlocked();
    open();
    await first;
    expect(await second).toBe(2);
  });
});
