import { expect, test } from "vitest";
import { now, principal, tokenCredential } from "../testing/fixtures.ts";
import { decide, type Question, type Verdict } from "./decide.ts";
import { hold } from "./held-credential.ts";
import { KeptCredentials } from "./kept-credentials.ts";
import type { Finding, PresentedCredentials } from "./ports.ts";
import type { Principal } from "./principal.ts";
import { parseToken } from "./token.ts";

const { text, credential } = tokenCredential("authtoken");
const question: Question = {
  presented: parseToken(text),
  visibleTo: undefined,
  acceptedKinds: undefined,
  action: undefined,
  address: undefined,
};
const inTime = AbortSignal.timeout(60_000);
const scope = "principal:it";

function findingOf(owner: Principal): Finding {
  const held = hold(credential, "active", owner);
  return { held, basis: { generation: "1", revision: 1, staleMsMax: 0 }, scopes: [scope] };
}
const good = findingOf(principal());
const taken = findingOf(principal({ state: "inactive" }));

/** What memory knows, and what is there, may be told apart. */
function world(known: Finding | undefined, there: Finding) {
  const ended: [bigint, Verdict["result"]][] = [];
  const faults: unknown[] = [];
  const presented: PresentedCredentials = {
    recollect: () => ({ find: () => known }),
    find: async () => new Map(),
    findAnew: async () => there,
    noteUses: async () => {},
  };
  const kept = new KeptCredentials(
    { presented, clock: () => now, after: () => () => {} },
    (id, { result }) => ended.push([id, result]),
    (error) => faults.push(error),
  );
  const keep = () => kept.keep(1n, credential.locator, question, decide(good, question, now), inTime);
  return { kept, keep, ended, faults };
}

test("what was taken away between the answer and its keeping ends at once, if memory knows of it", async () => {
  const { keep, ended, kept } = world(taken, taken);
  await keep();
  expect(ended).toEqual([[1n, "owner_inactive"]]);
  expect(kept.size).toBe(0);
});

test("what was taken away between the answer and its keeping ends, if memory does not know", async () => {
  const { keep, ended } = world(undefined, taken);
  await keep();
  expect(ended).toEqual([[1n, "owner_inactive"]]);
});

test("what is good is kept, and looked at again for a change of what it depends on", async () => {
  const { keep, ended, kept } = world(good, taken);
  await keep();
  expect(ended).toEqual([]);
  expect(kept.concerns(["principal:another"])).toBe(false);
  expect(kept.concerns([scope])).toBe(true);
  expect(await kept.changed([scope], inTime)).toBe(1);
  expect(await kept.changed([scope], inTime)).toBe(0);
  expect(ended).toEqual([[1n, "owner_inactive"]]);
});

test("what is released ends nothing", async () => {
  const { keep, ended, kept } = world(good, taken);
  await keep();
  kept.release(1n);
  expect(await kept.everythingChanged(inTime)).toBe(0);
  expect(ended).toEqual([]);
});
