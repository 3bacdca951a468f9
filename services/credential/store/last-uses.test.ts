import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { Credential } from "../domain/credential.ts";
import { hold } from "../domain/held-credential.ts";
import { account, never, now, principal, tokenCredential } from "../testing/fixtures.ts";
import { startTestStores, type TestStores } from "../testing/start-stores.ts";
import { createLastUses, type NotedUse } from "./last-uses.ts";
import { writeLastUses } from "./postgres-last-uses.ts";

let world: TestStores;
beforeAll(async () => {
  world = await startTestStores();
});
beforeEach(() => world.clear());
afterAll(() => world[Symbol.asyncDispose]());

const at = (seconds: number) => new Date(now.getTime() + seconds * 1_000);
const origin = (number: number) => ({ sourceIp: `192.0.2.${number}`, userAgent: `agent ${number}` });

async function inserted(): Promise<Credential> {
  await world.apply();
  const { credential } = tokenCredential("authtoken");
  await world.insert(credential);
  return credential;
}
const lastUseOf = async ({ id }: Credential) =>
  (await world.stores.credentials.find(account, id, never))?.lastUse;
const heldOf = (credential: Credential) => hold(credential, "active", principal());
const write = (uses: readonly NotedUse[], signal: AbortSignal) =>
  writeLastUses(world.database.db, uses, signal);

test("a credential's last use is written once, however often it was used, and told with it", async () => {
  const credential = await inserted();
  const rows: number[] = [];
  const uses = createLastUses({
    write: (noted, signal) => {
      rows.push(noted.length);
      return write(noted, signal);
    },
    onError: (error) => expect.fail(String(error)),
  });
  for (let count = 1; count <= 100; count++) uses.note(heldOf(credential), origin(count), at(count));
  expect(await lastUseOf(credential)).toBeUndefined();
  await uses.close();
  expect(rows).toEqual([1]);
  const lastUse = { at: at(100), ...origin(100) };
  expect(await lastUseOf(credential)).toEqual(lastUse);
  const { items } = await world.stores.credentials.list(
    account,
    { ownerId: undefined, kinds: [] },
    { size: 10, token: "" },
    never,
  );
  expect(items).toMatchObject([{ id: credential.id, lastUse, version: credential.version }]);
});

test("a use that is told later than a later one changes nothing", async () => {
  const credential = await inserted();
  const use = (number: number) => ({
    accountId: account,
    id: credential.id,
    at: at(number),
    ...origin(number),
  });
  await write([use(2)], never);
  await write([use(1)], never);
  expect(await lastUseOf(credential)).toMatchObject({ at: at(2) });
  await write([use(3)], never);
  expect(await lastUseOf(credential)).toMatchObject({ at: at(3), sourceIp: "192.0.2.3" });
});

test("uses of what is gone are dropped, and what no text can hold in Postgres is left out", async () => {
  const credential = await inserted();
  const { credential: gone } = tokenCredential("authtoken");
  const use = ({ id }: Credential) => ({
    accountId: account,
    id,
    at: at(1),
    sourceIp: "",
    userAgent: "a\0b",
  });
  await write([use(gone), use(credential)], never);
  expect(await lastUseOf(credential)).toMatchObject({ userAgent: "ab" });
});

test("what could not be written is written with the next ones, unless it was used since", async () => {
  const [one, other] = [await inserted(), await inserted()];
  let isAway = true;
  const failed = Promise.withResolvers<void>();
  const uses = createLastUses({
    intervalMs: 20,
    write: async (noted, signal) => {
      if (isAway && noted.length > 0) throw new Error("Postgres is away");
      await write(noted, signal);
    },
    onError: () => failed.resolve(),
  });
  uses.note(heldOf(one), origin(1), at(1));
  uses.note(heldOf(other), origin(1), at(1));
  await failed.promise;
  uses.note(heldOf(other), origin(2), at(2));
  isAway = false;
  await uses.close();
  expect(await lastUseOf(one)).toMatchObject({ at: at(1) });
  expect(await lastUseOf(other)).toMatchObject({ at: at(2) });
});

test("no more credentials are noted of in an interval than there is room for", async () => {
  const written: NotedUse[] = [];
  const uses = createLastUses({
    entriesMax: 10,
    write: async (noted) => void written.push(...noted),
    onError: (error) => expect.fail(String(error)),
  });
  for (let count = 0; count < 20; count++) {
    uses.note(heldOf(tokenCredential("api_key").credential), origin(1), now);
  }
  await uses.close();
  expect(written).toHaveLength(10);
});
