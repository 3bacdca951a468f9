import { randomBytes } from "node:crypto";
import type { DomainError } from "@portcullis/errors";
import { describe, expect, test } from "vitest";
import {
  account,
  alice,
  idOf,
  mutation,
  never,
  now,
  otherAccount,
  principal,
  robot,
  sshPublicKeyLine,
} from "../testing/fixtures.ts";
import { createMemory } from "../testing/memory.ts";
import { parseAclRules } from "./acl.ts";
import { createApiKey } from "./create-api-key.ts";
import { createAuthtoken } from "./create-authtoken.ts";
import type { CreateCredentialCommand } from "./create-credential.ts";
import { createSshKey } from "./create-ssh-key.ts";
import { parseCredentialId } from "./ids.ts";
import type { CreateTokenDeps } from "./mint-proof.ts";
import { parseSshPublicKey } from "./ssh-key.ts";
import { parseToken, secretMatches } from "./token.ts";

function world(mayAssign = false) {
  const memory = createMemory();
  memory.put(principal({ principalId: alice, kind: "user" }), principal());
  let ids = 0;
  const deps: CreateTokenDeps = {
    ...memory,
    owners: { mayAssign: async () => mayAssign },
    clock: () => now,
    newId: (prefix) => idOf(prefix, 5000 + ids++),
    randomBytes,
  };
  return { memory, deps };
}

function command(parts: Partial<CreateCredentialCommand> = {}): CreateCredentialCommand {
  return {
    mutation: mutation(),
    accountId: account,
    isUnrestricted: false,
    ownerText: "",
    description: "d",
    metadata: "m",
    aclRules: [],
    allowedIpRanges: [],
    expiresAt: undefined,
    ...parts,
  };
}

const reasonOf = (promise: Promise<unknown>) =>
  promise.then(
    () => "none",
    (error: DomainError) => error.reason,
  );

describe("who may own a new credential", () => {
  const create = (parts: Partial<CreateCredentialCommand>, mayAssign = false) =>
    createAuthtoken(world(mayAssign).deps, command(parts), never);

  test("the caller, if it names nobody or itself", async () => {
    expect((await create({})).credential.ownerId).toBe(alice);
    expect((await create({ ownerText: alice })).credential.ownerId).toBe(alice);
  });

  test("another one, if the caller may assign owners", async () => {
    expect((await create({ ownerText: robot }, true)).credential.ownerId).toBe(robot);
    expect((await create({ ownerText: robot, isUnrestricted: true })).credential.ownerId).toBe(robot);
  });

  test("a denied assignment is denied whether or not there is such an owner", async () => {
    for (const ownerText of [robot, idOf("svc", 404), "svc_\0"]) {
      expect(await reasonOf(create({ ownerText }))).toBe("PERMISSION_DENIED");
    }
  });

  test("nobody, for services and foreign administrators that name none", async () => {
    const workload = mutation({ actor: { kind: "workload", name: "operator" } });
    expect(await reasonOf(create({ mutation: workload, isUnrestricted: true }))).toBe("PRINCIPAL_NOT_FOUND");
    const foreign = { accountId: otherAccount, isUnrestricted: true };
    expect(await reasonOf(create(foreign))).toBe("PRINCIPAL_NOT_FOUND");
  });

  test("the same user in another account is somebody else", async () => {
    expect(await reasonOf(create({ accountId: otherAccount, ownerText: alice }))).toBe("PERMISSION_DENIED");
  });

  test("nobody unknown, malformed or deleted; but inactive and locked ones", async () => {
    const { deps, memory } = world(true);
    for (const ownerText of [idOf("svc", 404), "svc_x", idOf("cred", 1), "\0"]) {
      expect(await reasonOf(createAuthtoken(deps, command({ ownerText }), never))).toBe(
        "PRINCIPAL_NOT_FOUND",
      );
    }
    memory.put(principal({ state: "deleted" }));
    const forRobot = command({ ownerText: robot });
    expect(await reasonOf(createAuthtoken(deps, forRobot, never))).toBe("PRINCIPAL_NOT_FOUND");
    for (const state of ["inactive", "locked"] as const) {
      memory.put(principal({ state }));
      expect(await reasonOf(createAuthtoken(deps, forRobot, never))).toBe("none");
    }
  });
});

test("stores of a token no more than its hash and its public half", async () => {
  const { deps, memory } = world();
  for (const create of [createAuthtoken, createApiKey]) {
    const { credential, token = "" } = await create(deps, command(), never);
    const { proof } = credential;
    const parsed = parseToken(token);
    if (proof.kind === "ssh_key" || parsed === undefined) throw new Error("not a token");
    expect(secretMatches(parsed, proof.secretHash)).toBe(true);
    expect(credential.locator).toBe(`token:${parsed.keyId}`);
    expect(token.startsWith(`${proof.tokenHint}_`)).toBe(true);
    expect(proof.tokenHint).toHaveLength(27);
    const secret = token.slice(28);
    expect(JSON.stringify([...memory.state.credentials.values(), memory.state.audits])).not.toContain(secret);
  }
});

test("a repeat tells the credential as it is now, without the secret, even when it has expired", async () => {
  const { deps, memory } = world();
  const once = command({ mutation: mutation({ requestId: "r" }), expiresAt: new Date(now.getTime() + 10) });
  const first = await createAuthtoken(deps, once, never);
  memory.put({ ...first.credential, description: "changed" });
  const later = { ...deps, clock: () => new Date(now.getTime() + 1000) };
  const second = await createAuthtoken(later, once, never);
  expect(second).toEqual({ credential: { ...first.credential, description: "changed" }, token: undefined });
  memory.state.credentials.delete(first.credential.id);
  expect(await reasonOf(createAuthtoken(deps, once, never))).toBe("CREDENTIAL_NOT_FOUND");
});

test("refuses an expiry that is not in the future", async () => {
  const { deps } = world();
  expect(await reasonOf(createApiKey(deps, command({ expiresAt: now }), never))).toBe("EXPIRY_IN_PAST");
  const soon = new Date(now.getTime() + 1);
  expect((await createApiKey(deps, command({ expiresAt: soon }), never)).credential.expiresAt).toEqual(soon);
});

test("an API key has no ACL, whatever it is asked for", async () => {
  const withRules = command({ aclRules: parseAclRules(["bind:a.example"]) });
  expect((await createApiKey(world().deps, withRules, never)).credential.aclRules).toEqual([]);
});

describe("SSH keys", () => {
  const create = (line: string, description = "", deps = world().deps) =>
    createSshKey(deps, { ...command({ description }), key: parseSshPublicKey(line) }, never);

  test("are described by their comment unless otherwise said", async () => {
    expect((await create(sshPublicKeyLine("bob@host"))).description).toBe("bob@host");
    expect((await create(sshPublicKeyLine("bob@host"), "laptop")).description).toBe("laptop");
    expect((await create(sshPublicKeyLine())).description).toBe("");
  });

  test("a comment too long for a description is cut between characters", async () => {
    const { description } = await create(sshPublicKeyLine("é".repeat(200)));
    expect(description).toBe("é".repeat(127));
  });

  test("are registered once", async () => {
    const { deps } = world();
    const line = sshPublicKeyLine();
    await create(line, "", deps);
    expect(await reasonOf(create(`${line} other-comment`, "", deps))).toBe("SSH_KEY_TAKEN");
  });
});

test("is audited under the account, without a secret", async () => {
  const { deps, memory } = world();
  const { credential } = await createAuthtoken(deps, command(), never);
  expect(memory.state.audits).toEqual([
    {
      accountId: account,
      action: "credential.create",
      targetId: parseCredentialId(credential.id),
      detail: { kind: "authtoken", ownerId: alice, locator: credential.locator },
    },
  ]);
});
