import { beforeEach, expect, test } from "vitest";
import { InMemoryStore } from "../testing/in-memory-store.ts";
import { identity, principal, ref } from "../testing/principals.ts";
import { applyPrincipal } from "./apply-principal.ts";
import { check, type View } from "./check.ts";

const { signal } = new AbortController();
const basis = { generation: "1", revision: 0, staleMsMax: 0 };
const unknown = { allowed: false, reason: "subject_unknown", subjectVersion: 0, basis, dependsOn: [] };
const everyAccount: View = { of: "every_account" };
const accountA: View = { of: "account", accountId: "acct_a" };
let store: InMemoryStore;

beforeEach(async () => {
  store = new InMemoryStore();
  for (const accountId of ["acct_a", "acct_b"]) {
    await applyPrincipal(
      { work: store },
      identity,
      principal(accountId, "svc_1", { kind: "service_user" }),
      signal,
    );
  }
});

const ask = (view: View, subjectAccount: string, accountId: string) =>
  check(
    store,
    view,
    {
      subject: ref(subjectAccount, "svc_1"),
      permission: "authorization.check",
      object: undefined,
      accountId,
      minRevision: 0,
    },
    signal,
  );

test("who sees every account is told of every subject", async () => {
  expect((await ask(everyAccount, "acct_a", "acct_a")).reason).toBe("service_user_policy");
  expect((await ask(everyAccount, "acct_b", "acct_b")).reason).toBe("service_user_policy");
  expect((await ask(everyAccount, "acct_b", "acct_a")).reason).toBe("not_granted");
});

test("who sees one account is told of its subjects, and of others as of unknown ones", async () => {
  expect((await ask(accountA, "acct_a", "acct_a")).reason).toBe("service_user_policy");
  expect(await ask(accountA, "acct_b", "acct_b")).toEqual(unknown);
  expect(await ask(accountA, "acct_b", "acct_a")).toEqual(unknown);
  expect(await ask(accountA, "acct_a", "acct_b")).toEqual(unknown);
  expect(await ask(accountA, "acct_none", "acct_none")).toEqual(unknown);
});

test("a subject whose ids can't be ids is unknown", async () => {
  const rest = { object: undefined, accountId: "acct_a", minRevision: 0 };
  const question = { subject: undefined, permission: "authorization.check", ...rest };
  expect(await check(store, everyAccount, question, signal)).toEqual(unknown);
});
