import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { account, never, otherAccount, tokenCredential } from "../testing/fixtures.ts";
import { startTestStores, type TestStores } from "../testing/start-stores.ts";
import { startEmptying } from "./account-emptying.ts";

let world: TestStores;
beforeAll(async () => {
  world = await startTestStores();
});
beforeEach(() => world.clear());
afterAll(() => world[Symbol.asyncDispose]());

const count = async () => {
  const { rows } = await sql<{ credentials: number; locators: number; principals: number }>`
    select (select count(*) from credentials) as credentials, (select count(*) from credential_locators) as locators,
      (select count(*) from principals) as principals`.execute(world.database.db);
  return rows[0] ?? expect.fail();
};

test("a deleted account loses everything, also where the emptying is ended on the way and begun again", async () => {
  const { db } = world.database;
  await world.apply();
  await world.apply({ accountId: otherAccount });
  await world.insert(tokenCredential("authtoken").credential);
  await world.insert(tokenCredential("authtoken", { accountId: otherAccount }).credential);
  // As many again as three batches have.
  await sql`insert into credentials
    select (jsonb_populate_record(c, jsonb_build_object('id', c.id || n, 'locator', c.locator || n))).*
    from credentials c, generate_series(1, 3000) n where c.account_id = ${account}`.execute(db);
  await sql`insert into credential_locators select locator, account_id, id from credentials
    on conflict do nothing`.execute(db);
  await world.stores.accounts.supersede({ accountId: account, state: "deleted", version: 2 }, never);
  const first = startEmptying(db, () => {});
  await expect
    .poll(async () => (await count()).credentials, { interval: 1, timeout: 20_000 })
    .toBeLessThan(3002);
  await first.stop();
  const second = startEmptying(db, (error) => expect.fail(String(error)));
  await expect
    .poll(count, { interval: 5, timeout: 20_000 })
    .toEqual({ credentials: 1, locators: 1, principals: 1 });
  const known = db.selectFrom("accounts").selectAll().where("account_id", "=", account);
  await expect
    .poll(() => known.execute(), { interval: 5, timeout: 20_000 })
    .toEqual([{ account_id: account, state: "deleted", version: 2, is_emptied: true }]);
  await second.stop();
});

test("what somebody holds is waited for without holding anybody up", async () => {
  const { db } = world.database;
  await world.apply();
  await world.insert(tokenCredential("authtoken").credential);
  await world.insert(tokenCredential("authtoken").credential);
  await world.stores.accounts.supersede({ accountId: account, state: "deleted", version: 2 }, never);
  const emptying = await db.transaction().execute(async (trx) => {
    await sql`select 1 from credentials limit 1 for update`.execute(trx);
    const started = startEmptying(db, (error) => expect.fail(String(error)));
    await expect.poll(async () => (await count()).credentials, { interval: 5, timeout: 20_000 }).toBe(1);
    return started;
  });
  await expect
    .poll(count, { interval: 20, timeout: 20_000 })
    .toEqual({ credentials: 0, locators: 0, principals: 0 });
  await emptying.stop();
});
