import { afterEach, expect, test } from "vitest";
import { FakePortcullis } from "../testing/index.ts";
import { createVerifier } from "../verification/verifier.ts";
import { createChecker } from "./checker.ts";

const open: Disposable[] = [];
afterEach(() => {
  for (const one of open.splice(0).toReversed()) one[Symbol.dispose]();
});

async function start() {
  const fake = await FakePortcullis.start();
  const connection = { addresses: fake.address, apiKey: "pcak_caller" };
  const verifier = createVerifier(connection);
  const checker = createChecker({ ...connection, verifier });
  open.push(fake, verifier, checker);
  fake.add("pcak_1", { accountId: "acct_1", ownerId: "svc_1", permissions: ["reports.read"] });
  fake.add("pcak_2", { accountId: "acct_1", ownerId: "svc_2" });
  return { fake, checker, connection };
}
const subject = (number: number, accountId = "acct_1") => ({ accountId, principalId: `svc_${number}` });
const permission = "reports.read";

test("what is asked in one turn about one account goes out as one message", async () => {
  const { fake, checker } = await start();
  const decisions = await Promise.all([
    checker.checkAsync(subject(1), { permission }),
    checker.checkAsync(subject(2), { permission }),
    checker.checkAsync(subject(1), { permission: "reports.write" }),
    checker.checkAsync(subject(1), { permission }),
    checker.checkAsync(subject(1, "acct_2"), { permission: "reports.write" }),
  ]);
  expect(decisions.map(({ allowed }) => allowed)).toEqual([true, false, false, true, false]);
  expect(fake.calls).toMatchObject({ batchCheck: 1, check: 1 });
});

test("a question about another account than the subject's is asked by itself", async () => {
  const { fake, checker } = await start();
  await Promise.all([
    checker.checkAsync(subject(1), { permission, accountId: "acct_2" }),
    checker.checkAsync(subject(2), { permission, accountId: "acct_2" }),
  ]);
  expect(fake.calls).toMatchObject({ batchCheck: 0, check: 2 });
});

test("a token is verified first, and asked about by its owner", async () => {
  const { fake, checker, connection } = await start();
  expect(await checker.checkToken("pcak_1", { permission })).toMatchObject({
    allowed: true,
    subject: subject(1),
    verification: { result: "valid" },
  });
  await fake.revoke("pcak_1");
  expect(await checker.checkToken("pcak_1", { permission })).toMatchObject({
    allowed: false,
    reason: "token_refused",
    verification: { result: "revoked" },
  });
  const alone = createChecker(connection);
  open.push(alone);
  expect(await alone.checkToken("pcak_2", { permission })).toMatchObject({ verification: undefined });
});

test("a batch is answered in its order", async () => {
  const { checker } = await start();
  const items = [2, 1, 2].map((number) => ({ principalId: `svc_${number}`, permission }));
  const decisions = await checker.batchCheck("acct_1", items);
  expect(decisions.map(({ allowed }) => allowed)).toEqual([false, true, false]);
  expect(await checker.batchCheck("acct_1", [])).toEqual([]);
});

test("an answer without advice for caches is not remembered", async () => {
  const { fake, checker } = await start();
  for (let round = 0; round < 3; round++) await checker.checkAsync(subject(1), { permission });
  expect(fake.calls.check).toBe(3);
  expect(checker.stats()).toMatchObject({ entries: 0, hits: 0 });
});
