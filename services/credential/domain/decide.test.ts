import { describe, expect, test } from "vitest";
import {
  account,
  now,
  otherAccount,
  sshCredential,
  tokenCredential,
  withWrongSecret,
} from "../testing/fixtures.ts";
import { parseHostTarget } from "./acl-target.ts";
import type { Credential, CredentialKind } from "./credential.ts";
import { decide, type Question } from "./decide.ts";
import { type HeldCredential, hold } from "./held-credential.ts";
import { parseIpAddress } from "./ip-range.ts";
import type { Finding } from "./ports.ts";
import type { Principal } from "./principal.ts";
import { parseToken } from "./token.ts";

type Owner = Pick<Principal, "kind" | "state" | "version">;
type AccountState = HeldCredential["accountState"];
const active: Owner = { kind: "service_user", state: "active", version: 3 };
const past = new Date(now.getTime() - 1);
const { text, credential } = tokenCredential("authtoken", {
  acl: ["bind:foo.example"],
  ranges: ["192.0.2.0/24"],
});

const good: Question = {
  presented: parseToken(text),
  visibleTo: undefined,
  acceptedKinds: undefined,
  action: parseHostTarget("foo.example"),
  address: parseIpAddress("192.0.2.7"),
};

const found = (held: HeldCredential | undefined): Finding => ({
  held,
  basis: { generation: "1", revision: 1, staleMsMax: 0 },
  scopes: [],
});

function resultOf(
  parts: Partial<Credential> = {},
  question: Partial<Question> = {},
  owner: Partial<Owner> = {},
  accountState: AccountState = "active",
): string {
  const held = hold({ ...credential, ...parts }, accountState, { ...active, ...owner });
  return decide(found(held), { ...good, ...question }, now).result;
}

const kinds = (...list: readonly CredentialKind[]) => new Set(list);

describe("each objection, and what it takes for it", () => {
  test.each<[string, string, Partial<Credential>, Partial<Question>, Partial<Owner>]>([
    ["valid", "all is well", {}, {}, {}],
    ["valid", "its kind is among those accepted", {}, { acceptedKinds: kinds("api_key", "authtoken") }, {}],
    ["valid", "nothing is asked of its ACL", {}, { action: undefined }, {}],
    ["valid", "it is a millisecond before its expiry", { expiresAt: new Date(now.getTime() + 1) }, {}, {}],
    ["valid", "the caller sees its account", {}, { visibleTo: account }, {}],
    [
      "valid",
      "an unrestricted one, for anything",
      { aclRules: [] },
      { action: { type: "random_tcp_port" } },
      {},
    ],
    ["unknown", "the caller does not see its account", {}, { visibleTo: otherAccount }, {}],
    ["unknown", "the secret is wrong", {}, { presented: parseToken(withWrongSecret(text, "authtoken")) }, {}],
    ["unknown", "its owner is deleted", {}, {}, { state: "deleted" }],
    ["wrong_kind", "another kind is accepted", {}, { acceptedKinds: kinds("api_key") }, {}],
    ["wrong_kind", "no kind that we know is accepted", {}, { acceptedKinds: kinds() }, {}],
    ["revoked", "it was revoked", { revokedAt: past }, {}, {}],
    ["expired", "it is the very instant of its expiry", { expiresAt: now }, {}, {}],
    ["owner_inactive", "its owner is inactive", {}, {}, { state: "inactive" }],
    ["owner_inactive", "its owner was never told of", {}, {}, { state: "inactive", version: 0 }],
    ["owner_locked", "its owner is locked", {}, {}, { state: "locked" }],
    ["ip_not_allowed", "it comes from elsewhere", {}, { address: parseIpAddress("192.0.3.1") }, {}],
    ["ip_not_allowed", "nobody knows where it comes from", {}, { address: undefined }, {}],
    ["acl_denied", "its ACL does not cover the action", {}, { action: parseHostTarget("bar.example") }, {}],
    ["acl_denied", "the action is no target", {}, { action: "unbindable" }, {}],
    [
      "acl_denied",
      "the action is no target for an unrestricted one",
      { aclRules: [] },
      { action: "unbindable" },
      {},
    ],
  ])("%s when %s", (expected, _when, parts, question, owner) => {
    expect(resultOf(parts, question, owner)).toBe(expected);
  });
});

interface Objections {
  readonly parts?: Partial<Credential>;
  readonly question?: Partial<Question>;
  readonly owner?: Partial<Owner>;
  readonly accountState?: AccountState;
}

test("answers with the first objection in the order of the contract", () => {
  const objections = [
    { result: "unknown", question: { visibleTo: otherAccount } },
    { result: "wrong_kind", question: { acceptedKinds: kinds("api_key") } },
    { result: "revoked", parts: { revokedAt: past } },
    { result: "expired", parts: { expiresAt: past } },
    { result: "account_suspended", accountState: "suspended" },
    { result: "owner_locked", owner: { state: "locked" } },
    { result: "ip_not_allowed", question: { address: undefined } },
    { result: "acl_denied", question: { action: "unbindable" } },
  ] as const;
  for (const [first, { result }] of objections.entries()) {
    const rest: readonly Objections[] = objections.slice(first);
    const merged = rest.reduce((sum, one) => ({
      parts: { ...sum.parts, ...one.parts },
      question: { ...sum.question, ...one.question },
      owner: { ...sum.owner, ...one.owner },
      accountState: sum.accountState ?? one.accountState ?? "active",
    }));
    expect(resultOf(merged.parts, merged.question, merged.owner, merged.accountState)).toBe(result);
  }
});

test("in a suspended account nothing is good, in a deleted one there is nothing, whatever the owner's state", () => {
  for (const state of ["active", "inactive", "locked"] as const) {
    expect(resultOf({}, {}, { state }, "suspended")).toBe("account_suspended");
    expect(resultOf({}, {}, { state }, "deleted")).toBe("unknown");
  }
});

test("tells of the credential to who has proven to hold it, and to nobody else", () => {
  const held = hold(credential, "active", active);
  const locked = hold(credential, "active", { ...active, state: "locked" });
  expect(decide(found(held), good, now)).toMatchObject({ result: "valid", held });
  expect(decide(found(locked), good, now)).toHaveProperty("held");
  for (const verdict of [
    decide(found(held), { ...good, visibleTo: otherAccount }, now),
    decide(found(undefined), good, now),
  ]) {
    expect(verdict.result).toBe("unknown");
    expect(verdict).not.toHaveProperty("held");
  }
});

test("a registered SSH key is proven by the handshake, a token never without its secret", () => {
  const ssh = hold(sshCredential().credential, "active", active);
  const question = { ...good, presented: undefined, action: undefined };
  expect(decide(found(ssh), question, now).result).toBe("valid");
  expect(decide(found(hold(credential, "active", active)), question, now).result).toBe("unknown");
  expect(decide(found(ssh), good, now).result).toBe("unknown");
});
