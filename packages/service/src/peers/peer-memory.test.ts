import { DomainError } from "@portcullis/errors";
import { PortcullisError } from "@portcullis/sdk";
import { FakePortcullis } from "@portcullis/sdk/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import { testWorkloadKey } from "../testing/index.ts";
import { answerOf, openPeerChecker, openPeerVerifier } from "./peer-memory.ts";
import { createRemoteAuthenticator } from "./remote-authenticator.ts";
import { createRemoteAuthorizer } from "./remote-authorizer.ts";

const caller = {
  kind: "principal",
  accountId: "acct_1",
  principalId: "svc_1",
  credentialId: expect.any(String),
} as const;
const signal = AbortSignal.timeout(30_000);

let fake: FakePortcullis;
const open: Disposable[] = [];
beforeEach(async () => {
  fake = await FakePortcullis.start();
  open.push(fake);
});
afterEach(() => {
  for (const one of open.splice(0).toReversed()) one[Symbol.dispose]();
});

function peer(peerName: string) {
  const baseUrl = `http://${fake.address}`;
  return { baseUrl, peerName, ownName: "identity", workloadKey: testWorkloadKey, timeoutMs: 5_000 };
}

function connect(entriesMax = 100) {
  const verifier = openPeerVerifier(peer("credential"), entriesMax);
  const checker = openPeerChecker(peer("authorization"), entriesMax);
  open.push(verifier, checker);
  return {
    apiKeys: createRemoteAuthenticator(verifier, peer("credential")),
    authorizer: createRemoteAuthorizer(checker, peer("authorization")),
  };
}

/** The reason that a promise, or a call, fails with. */
async function refusalOf(work: () => unknown): Promise<string | undefined> {
  try {
    await work();
  } catch (error) {
    return error instanceof DomainError ? error.reason : String(error);
  }
  return undefined;
}

test("who was proven once is let in from memory, until a revocation has returned", async () => {
  const { apiKeys, authorizer } = connect();
  const who = { accountId: "acct_1", ownerId: "svc_1", permissions: ["p.read"], kind: "api_key" } as const;
  fake.add("pcak_1", who);
  const knock = async () => {
    const known = apiKeys.recall("pcak_1", "127.0.0.1", "");
    return known === undefined
      ? (await apiKeys.authenticate("pcak_1", "127.0.0.1", signal)) && "asked"
      : known;
  };
  await expect.poll(knock, { timeout: 20_000, interval: 5 }).toEqual(caller);
  const proven = await apiKeys.authenticate("pcak_1", "127.0.0.1", signal);
  const allowed = { allowed: true, superAdmin: false };
  expect(await authorizer.decide(proven, "p.read", "acct_1", signal)).toEqual(allowed);
  await fake.revoke("pcak_1");
  expect(await refusalOf(() => knock())).toBe("CREDENTIALS_REVOKED");
});

test("with no room to remember, each call asks", async () => {
  const { apiKeys } = connect(0);
  fake.add("pcak_1", { accountId: "acct_1", ownerId: "svc_1", kind: "api_key" });
  for (let count = 0; count < 3; count++) {
    expect(apiKeys.recall("pcak_1", undefined, "")).toBeUndefined();
    expect(await apiKeys.authenticate("pcak_1", undefined, signal)).toEqual(caller);
  }
  expect(fake.calls.streamMessages).toBe(3);
});

const failure = (code: PortcullisError["code"]) => Promise.reject(new PortcullisError(code, "no"));
const anew = async () => "told anew";

test("where the memory's connection is away the peer is asked by another one", async () => {
  expect(await answerOf("credential", failure("UNAVAILABLE"), anew, signal)).toBe("told anew");
  expect(await answerOf("credential", failure("UNIMPLEMENTED"), anew, signal)).toBe("told anew");
});

test.each(["DEADLINE_EXCEEDED", "RESOURCE_EXHAUSTED"] as const)(
  "after %s nobody is asked again",
  async (code) => {
    expect(await refusalOf(() => answerOf("credential", failure(code), anew, signal))).toBe(
      "DEPENDENCY_UNAVAILABLE",
    );
  },
);

test("where nobody answers, the dependency is away", async () => {
  const gone = () => failure("UNAVAILABLE");
  expect(await refusalOf(() => answerOf("credential", gone(), gone, signal))).toBe("DEPENDENCY_UNAVAILABLE");
});

test("a call does not wait for an answer for longer than it lasts", async () => {
  const { promise: never } = Promise.withResolvers<string>();
  const ending = new AbortController();
  const answer = refusalOf(() => answerOf("credential", never, anew, ending.signal));
  ending.abort("over");
  expect(await answer).toBe("over");
});
