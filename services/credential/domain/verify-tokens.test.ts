import { DomainError } from "@portcullis/errors";
import { expect, test } from "vitest";
import {
  account,
  never as endless,
  now,
  otherAccount,
  principal,
  tokenCredential,
  withWrongSecret,
} from "../testing/fixtures.ts";
import { createMemory } from "../testing/memory.ts";
import type { AttemptLimiter } from "./ports.ts";
import type { TokenQuestion, VerifyDeps } from "./verify-token.ts";
import { verifyTokens } from "./verify-tokens.ts";

const never = { signal: endless };

const everywhere = { visibleTo: undefined };

/** Refuses the third attempt. */
function twoAttempts(): AttemptLimiter & { readonly counts: Map<string, number> } {
  const counts = new Map<string, number>();
  const key = (source: string, keyId: string) => `${source}|${keyId}`;
  return {
    counts,
    isQuiet: () => counts.size === 0,
    blockedForMs: (source, keyId) => ((counts.get(key(source, keyId)) ?? 0) < 2 ? 0 : 777),
    failed: (source, keyId) => void counts.set(key(source, keyId), (counts.get(key(source, keyId)) ?? 0) + 1),
  };
}

function world() {
  const memory = createMemory();
  memory.put(principal());
  const lookups: (readonly string[])[] = [];
  const attempts = twoAttempts();
  const deps: VerifyDeps = {
    attempts,
    clock: () => now,
    uses: { note: () => {} },
    presented: {
      ...memory.presented,
      find(locators, signal) {
        lookups.push(locators);
        return memory.presented.find(locators, signal);
      },
    },
  };
  return { memory, deps, attempts, lookups };
}

function ask(text: string, parts: Partial<TokenQuestion> = {}): TokenQuestion {
  return { text, acceptedKinds: undefined, action: undefined, sourceIp: "192.0.2.1", ...parts };
}

const results = async (...parameters: Parameters<typeof verifyTokens>) =>
  (await verifyTokens(...parameters)).map(({ result }) => result);

test("refuses what is no token without looking anything up", async () => {
  const { deps, lookups } = world();
  const { text } = tokenCredential("authtoken");
  const wrong = ["", "x", `${text} `, text.slice(0, -1), text.toLowerCase(), text.replace("pcat", "pcak")];
  expect(
    new Set(
      await results(
        deps,
        wrong.map((t) => ask(t)),
        everywhere,
        never,
      ),
    ),
  ).toEqual(new Set(["malformed"]));
  expect(lookups).toEqual([]);
});

test("answers in the order of the questions, each by itself, with one lookup of distinct key ids", async () => {
  const { deps, lookups, memory } = world();
  const a = tokenCredential("authtoken");
  const b = tokenCredential("api_key", { revokedAt: now });
  const unknown = tokenCredential("authtoken");
  memory.put(a.credential, b.credential);
  const accepted = { acceptedKinds: new Set(["api_key"] as const) };
  const questions = [ask(b.text), ask("?"), ask(a.text), ask(unknown.text), ask(a.text, accepted)];
  expect(await results(deps, questions, everywhere, never)).toEqual([
    "revoked",
    "malformed",
    "valid",
    "unknown",
    "wrong_kind",
  ]);
  expect(lookups).toHaveLength(1);
  expect(new Set(lookups[0])).toEqual(
    new Set([a.credential.locator, b.credential.locator, unknown.credential.locator]),
  );
  expect(lookups[0]).toHaveLength(3);
});

test("counts wrong secrets and unknown key ids alike, and then refuses even the right secret", async () => {
  const { deps, memory, lookups } = world();
  const { text, credential } = tokenCredential("authtoken");
  const unknown = tokenCredential("authtoken");
  memory.put(credential);
  const wrong = () => ask(withWrongSecret(text, "authtoken"));
  // Within one batch too: a batch is no way around the limit.
  const verdicts = await verifyTokens(deps, [wrong(), wrong(), wrong(), ask(text)], everywhere, never);
  expect(verdicts.map(({ result }) => result)).toEqual(["unknown", "unknown", "throttled", "throttled"]);
  expect(verdicts[3]).toEqual({ result: "throttled", retryAfterMs: 777 });
  const again = [ask(unknown.text), ask(unknown.text), ask(unknown.text)];
  expect(await results(deps, again, everywhere, never)).toEqual(["unknown", "unknown", "throttled"]);
  const before = lookups.length;
  expect(await results(deps, [ask(text)], everywhere, never)).toEqual(["throttled"]);
  expect(lookups).toHaveLength(before);
});

test("throttles an address, however it is written, and no other one", async () => {
  const { deps, memory } = world();
  const { text, credential } = tokenCredential("authtoken");
  memory.put(credential);
  const wrong = ask(withWrongSecret(text, "authtoken"));
  await verifyTokens(deps, [wrong, wrong], everywhere, never);
  const from = (sourceIp: string) => results(deps, [ask(text, { sourceIp })], everywhere, never);
  expect(await from("::ffff:192.0.2.1")).toEqual(["throttled"]);
  expect(await from("192.0.2.2")).toEqual(["valid"]);
  const zoned = ask(wrong.text, { sourceIp: "fe80::1%eth0" });
  await verifyTokens(deps, [zoned, zoned], everywhere, never);
  expect(await from("fe80::1%eth1")).toEqual(["throttled"]);
});

test("never throttles where the source is unknown", async () => {
  const { deps, memory, attempts } = world();
  const { text, credential } = tokenCredential("authtoken");
  memory.put(credential);
  const wrong = ask(withWrongSecret(text, "authtoken"), { sourceIp: "" });
  await verifyTokens(deps, [wrong, wrong, wrong], everywhere, never);
  expect(attempts.counts.size).toBe(0);
  expect(await results(deps, [ask(text, { sourceIp: "" })], everywhere, never)).toEqual(["valid"]);
});

test("another account's credential is answered and counted like one that does not exist", async () => {
  const { deps, memory } = world();
  const { text, credential } = tokenCredential("authtoken");
  memory.put(credential);
  const absent = tokenCredential("authtoken");
  const foreign = { visibleTo: otherAccount };
  const thrice = (t: string) => verifyTokens(deps, [ask(t), ask(t), ask(t)], foreign, never);
  expect(await thrice(text)).toEqual(await thrice(absent.text));
});

test("what an account claims of an address locks out nobody else", async () => {
  const { deps, memory } = world();
  const { text, credential } = tokenCredential("authtoken");
  memory.put(credential);
  const wrong = ask(withWrongSecret(text, "authtoken"));
  await verifyTokens(deps, [wrong, wrong, wrong], { visibleTo: otherAccount }, never);
  expect(await results(deps, [ask(text)], { visibleTo: account }, never)).toEqual(["valid"]);
  expect(await results(deps, [ask(text)], everywhere, never)).toEqual(["valid"]);
});

test("accepts nothing when nothing can be known", async () => {
  const { deps } = world();
  const away = new DomainError("DEPENDENCY_UNAVAILABLE", "away");
  const blind = { ...deps, presented: { ...deps.presented, find: () => Promise.reject(away) } };
  const { text } = tokenCredential("authtoken");
  await expect(verifyTokens(blind, [ask("?"), ask(text)], everywhere, never)).rejects.toBe(away);
});
