import type { DomainError } from "@portcullis/errors";
import { supersedeAccount } from "@portcullis/postgres";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { applyPrincipal } from "../domain/apply-principal.ts";
import { createApiKey } from "../domain/create-api-key.ts";
import { createAuthtoken } from "../domain/create-authtoken.ts";
import { createSshKey } from "../domain/create-ssh-key.ts";
import { parseSshPublicKey } from "../domain/ssh-key.ts";
import { account, never, otherAccount, principal, sshPublicKeyLine } from "../testing/fixtures.ts";
import { gate, gated } from "../testing/gate.ts";
import { createCommand as command, startTestStores, type TestStores } from "../testing/start-stores.ts";
import { startEmptying } from "./account-emptying.ts";
import type { Stores } from "./create-stores.ts";

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

describe("a creation and the deletion of its owner at the same time", () => {
  test("the deletion that comes second takes the new credential along", async () => {
    await world.apply();
    const { reached, open, pass } = gate();
    const unitOfWork = gated(world.stores.unitOfWork, pass);
    const creation = createAuthtoken({ ...world.deps, unitOfWork }, command(), never);
    await reached;
    const deletion = world.apply({ state: "deleted", version: 2 });
    await world.untilBlocked();
    open();
    const { credential } = await creation;
    expect(await deletion).toBe(2);
    expect(await world.stores.credentials.find(account, credential.id, never)).toBeUndefined();
    expect(await world.locators()).toEqual([]);
  });

  test("the creation that comes second fails", async () => {
    await world.apply();
    const { reached, open, pass } = gate();
    const principals: Stores["principals"] = {
      change: (work, signal) =>
        world.stores.principals.change(async (tx) => {
          const result = await work(tx);
          await pass();
          return result;
        }, signal),
    };
    const deletion = applyPrincipal({ principals }, principal({ state: "deleted", version: 2 }), never);
    await reached;
    const creation = reasonOf(createApiKey(world.deps, command(), never));
    await world.untilBlocked();
    open();
    await deletion;
    expect(await creation).toBe("PRINCIPAL_NOT_FOUND");
    expect(await world.locators()).toEqual([]);
  });
});

describe("a creation and the end of its account at the same time", () => {
  test.each([
    ["suspended", "ACCOUNT_SUSPENDED"],
    ["deleted", "PRINCIPAL_NOT_FOUND"],
  ] as const)("the creation that comes second fails: %s", async (state, reason) => {
    await world.apply();
    const { reached, open, pass } = gate();
    const change = world.database.db.transaction().execute(async (trx) => {
      await supersedeAccount(trx, { accountId: account, state, version: 2 });
      await pass();
    });
    await reached;
    const creation = reasonOf(createApiKey(world.deps, command(), never));
    await world.untilBlocked();
    open();
    await change;
    expect(await creation).toBe(reason);
    expect(await world.locators()).toEqual([]);
  });

  test("the deletion that comes second, of an account that nothing was told of, takes the credential along", async () => {
    await world.apply();
    const { reached, open, pass } = gate();
    const unitOfWork = gated(world.stores.unitOfWork, pass);
    const creation = createAuthtoken({ ...world.deps, unitOfWork }, command(), never);
    await reached;
    const deleted = { accountId: account, state: "deleted", version: 2 } as const;
    const deletion = world.stores.accounts.supersede(deleted, never);
    await world.untilBlocked();
    open();
    await creation;
    expect((await deletion).value).toEqual(deleted);
    const emptying = startEmptying(world.database.db, (error) => expect.fail(String(error)));
    await expect.poll(() => world.locators(), { interval: 5, timeout: 20_000 }).toEqual([]);
    await emptying.stop();
  });
});

describe("two registrations of one SSH key at the same time, in different accounts", () => {
  test.each([
    ["the second fails if the first is committed", "commits", "SSH_KEY_TAKEN"],
    ["the second succeeds if the first is not", "fails", "none"],
  ])("%s", async (_name, ending, expected) => {
    await world.apply();
    await world.apply({ accountId: otherAccount });
    const key = parseSshPublicKey(sshPublicKeyLine());
    const { reached, open, refuse, pass } = gate();
    const unitOfWork = gated(world.stores.unitOfWork, pass);
    const first = createSshKey({ ...world.deps, unitOfWork }, { ...command(), key }, never).catch(
      () => "failed",
    );
    await reached;
    const second = reasonOf(
      createSshKey(world.deps, { ...command({ accountId: otherAccount }), key }, never),
    );
    await world.untilBlocked();
    if (ending === "commits") open();
    else refuse(new Error("changed its mind"));
    await first;
    expect(await second).toBe(expected);
    expect(await world.locators()).toHaveLength(1);
  });
});
