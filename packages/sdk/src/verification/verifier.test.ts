import { afterEach, expect, test } from "vitest";
import { FakePortcullis, type FakePortcullisOptions } from "../testing/index.ts";
import { createVerifier, type VerifierSettings } from "./verifier.ts";

const open: Disposable[] = [];
afterEach(() => {
  for (const one of open.splice(0).toReversed()) one[Symbol.dispose]();
});

const robot = { accountId: "acct_1", ownerId: "svc_robot" };

async function start(fakeOptions: FakePortcullisOptions = {}, settings: VerifierSettings = {}) {
  const fake = await FakePortcullis.start(fakeOptions);
  const verifier = createVerifier({ addresses: fake.address, apiKey: "pcak_caller", ...settings });
  open.push(fake, verifier);
  if (fakeOptions.leaseMs !== 0)
    await expect.poll(() => verifier.stats().leaseRemainingMs, { interval: 5 }).toBeGreaterThan(0);
  return { fake, verifier };
}

test("what is asked in one turn goes out as one message, and the same question once", async () => {
  const { fake, verifier } = await start();
  for (let index = 0; index < 500; index++) fake.add(`pcak_${index}`, robot);
  const tokens = Array.from({ length: 2_000 }, (_, index) => `pcak_${index % 500}`);
  const answers = await Promise.all(tokens.map((token) => verifier.verifyAsync(token)));
  expect(answers.every(({ result }) => result === "valid")).toBe(true);
  expect(fake.calls).toMatchObject({ streamMessages: 1, verifyToken: 0, batchVerifyTokens: 0 });
});

test("no message is larger than the service takes", async () => {
  const { fake, verifier } = await start();
  const tokens = Array.from({ length: 2_500 }, (_, index) => `pcak_${index}`);
  await Promise.all(tokens.map((token) => verifier.verifyAsync(token)));
  expect(fake.calls.streamMessages).toBe(3);
});

test("nobody joins a question that is already on its way", async () => {
  const { fake, verifier } = await start({ leaseMs: 0 });
  fake.add("pcak_1", robot);
  const before = verifier.verifyAsync("pcak_1");
  await new Promise((resolve) => setImmediate(resolve));
  await fake.revoke("pcak_1");
  const [, after] = await Promise.all([before, verifier.verifyAsync("pcak_1")]);
  expect(after.result).toBe("revoked");
});

test("a remembered answer is there at once, until its credential is revoked", async () => {
  const { fake, verifier } = await start();
  fake.add("pcak_1", robot);
  await verifier.verify("pcak_1");
  expect(verifier.verify("pcak_1")).toMatchObject({ result: "valid", credential: { ownerId: "svc_robot" } });
  await fake.revoke("pcak_1");
  const answer = verifier.verify("pcak_1");
  expect(answer).toBeInstanceOf(Promise);
  expect((await answer).result).toBe("revoked");
});

test("an unknown credential is not remembered", async () => {
  const { fake, verifier } = await start();
  expect((await verifier.verifyAsync("pcak_1")).result).toBe("unknown");
  fake.add("pcak_1", robot);
  expect((await verifier.verifyAsync("pcak_1")).result).toBe("valid");
});

test("other kinds asked for are another question", async () => {
  const { fake, verifier } = await start();
  fake.add("pcak_1", robot);
  const ask = () =>
    Promise.all([
      verifier.verifyAsync("pcak_1", { acceptedKinds: ["session"] }),
      verifier.verifyAsync("pcak_1", { acceptedKinds: ["api_key"] }),
    ]);
  for (let round = 0; round < 2; round++)
    expect((await ask()).map(({ result }) => result)).toEqual(["wrong_kind", "valid"]);
  expect(verifier.stats()).toMatchObject({ hits: 2, entries: 2 });
});

test("where there is no VerifyStream, batches are asked", async () => {
  const { fake, verifier } = await start({ streams: false });
  fake.add("pcak_1", robot);
  for (let round = 0; round < 2; round++) {
    const tokens = ["pcak_1", `pcak_x${round}`, `pcak_y${round}`];
    const answers = await Promise.all(tokens.map((token) => verifier.verifyAsync(token)));
    expect(answers.map(({ result }) => result)).toEqual(["valid", "unknown", "unknown"]);
  }
  expect(fake.calls).toMatchObject({ batchVerifyTokens: 2, streamMessages: 0 });
});

test("with no lease to be had, everything is asked", async () => {
  const { fake, verifier } = await start({ leaseMs: 0 });
  fake.add("pcak_1", robot);
  for (let round = 0; round < 3; round++) await verifier.verify("pcak_1");
  expect(fake.calls.streamMessages).toBe(3);
  expect(verifier.stats()).toMatchObject({ hits: 0, misses: 3 });
});

test("more questions than may wait are refused, and the others answered", async () => {
  const { verifier } = await start({}, { waitingMax: 2 });
  const asked = ["a", "b", "c"].map((token) => verifier.verifyAsync(token));
  const settled = await Promise.allSettled(asked);
  expect(settled.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected"]);
  expect(settled[2]).toMatchObject({ reason: { code: "RESOURCE_EXHAUSTED" } });
  expect(verifier.stats().waiting).toBe(0);
});

test("a text that can be no token is refused here", async () => {
  const { fake, verifier } = await start();
  expect((await verifier.verifyAsync("x".repeat(5_000))).result).toBe("malformed");
  expect(fake.calls.streamMessages).toBe(0);
});

test("where nothing listens, nobody can say", async () => {
  const { fake, verifier } = await start();
  fake.stop();
  await expect(verifier.verifyAsync("pcak_1")).rejects.toMatchObject({ code: "UNAVAILABLE" });
});

test("of two replicas the one that is there is asked", async () => {
  const fake = await FakePortcullis.start();
  const gone = await FakePortcullis.start();
  gone.stop();
  const verifier = createVerifier({ addresses: [gone.address, fake.address], apiKey: "pcak_caller" });
  open.push(fake, verifier);
  fake.add("pcak_1", robot);
  for (let round = 0; round < 10; round++)
    expect((await verifier.verifyAsync("pcak_1")).result).toBe("valid");
});

test("a closed verifier answers nothing, from memory neither", async () => {
  const { fake, verifier } = await start();
  fake.add("pcak_1", robot);
  await verifier.verify("pcak_1");
  const asked = verifier.verifyAsync("pcak_2");
  await new Promise((resolve) => setImmediate(resolve));
  verifier.close();
  await expect(asked).rejects.toMatchObject({ code: "CANCELLED" });
  await expect(verifier.verifyAsync("pcak_1")).rejects.toMatchObject({ code: "CANCELLED" });
});

test("what is kept is told of once when it ends; what was released is not", async () => {
  const { fake, verifier } = await start();
  fake.add("pcak_1", robot);
  const endings: string[] = [];
  const [first, second] = await Promise.all(
    [1, 2].map((number) => verifier.keep("pcak_1", {}, ({ result }) => endings.push(`${number} ${result}`))),
  );
  expect(first?.verification.result).toBe("valid");
  second?.release();
  await fake.revoke("pcak_1");
  await expect.poll(() => endings).toEqual(["1 revoked"]);
  expect(verifier.stats().kept).toBe(0);
});

test("what is kept while nobody can be asked any more is ended", async () => {
  const { fake, verifier } = await start({}, { unattendedMsMax: 300 });
  fake.add("pcak_1", robot);
  const endings: string[] = [];
  await verifier.keep("pcak_1", {}, ({ result }) => endings.push(result));
  fake.stop();
  await expect.poll(() => endings, { timeout: 3_000 }).toEqual(["unavailable"]);
});

test("onRevoked tells of what was remembered as good", async () => {
  const told: string[] = [];
  const { fake, verifier } = await start(
    {},
    {
      onRevoked: ({ credential, verification }) => told.push(`${credential.ownerId} ${verification.result}`),
    },
  );
  fake.add("pcak_1", robot);
  fake.add("pcak_2", { accountId: "acct_1", ownerId: "svc_other" });
  await Promise.all([verifier.verifyAsync("pcak_1"), verifier.verifyAsync("pcak_2")]);
  await fake.revoke("pcak_1");
  await expect.poll(() => told).toEqual(["svc_robot revoked"]);
});

test.each(["localhost", "http://", "[::1]", "a:b", "", "https://x:1/path"])("%j is no address", (address) => {
  expect(() => createVerifier({ addresses: address, apiKey: "k" })).toThrow(TypeError);
});
