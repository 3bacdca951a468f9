import type { DomainError } from "@portcullis/errors";
import { describe, expect, test } from "vitest";
import {
  account,
  mutation,
  never,
  now,
  otherAccount,
  sshCredential,
  tokenCredential,
} from "../testing/fixtures.ts";
import { createMemory } from "../testing/memory.ts";
import { parseAclRules } from "./acl.ts";
import type { CredentialCommand } from "./change-credential.ts";
import type { Credential } from "./credential.ts";
import { deleteCredential } from "./delete-credential.ts";
import { etagOf } from "./etag.ts";
import { parseIpRanges } from "./ip-range.ts";
import { revokeCredential } from "./revoke-credential.ts";
import { updateCredential } from "./update-credential.ts";

const later = new Date(now.getTime() + 60_000);

function world(credential: Credential) {
  const memory = createMemory();
  memory.put(credential);
  const deps = { ...memory, clock: () => later };
  const command = (parts: Partial<CredentialCommand> = {}): CredentialCommand => ({
    mutation: mutation(),
    accountId: account,
    id: credential.id,
    etag: undefined,
    ...parts,
  });
  return { memory, deps, command };
}

const reasonOf = (promise: Promise<unknown>) =>
  promise.then(
    () => "none",
    (error: DomainError) => error.reason,
  );

const { credential } = tokenCredential("authtoken", { acl: ["bind:a.example"], description: "old" });

describe("update", () => {
  test("changes what is named and nothing else, and is audited by the names of the fields", async () => {
    const { deps, command, memory } = world(credential);
    const changes = { metadata: "new", aclRules: parseAclRules(["bind:b.example"]) };
    const { value: updated } = await updateCredential(deps, command(), changes, never);
    expect(updated).toEqual({ ...credential, ...changes, version: 2, updatedAt: later });
    expect(memory.state.credentials.get(credential.id)).toEqual(updated);
    expect(memory.state.audits).toMatchObject([
      { action: "credential.update", detail: { fields: ["metadata", "acl_rules"] } },
    ]);
  });

  test("a change that changes nothing leaves the version alone", async () => {
    const { deps, command, memory } = world(credential);
    const same = { description: "old", aclRules: parseAclRules(["bind:A.example"]), allowedIpRanges: [] };
    expect((await updateCredential(deps, command(), same, never)).value).toBe(credential);
    expect(memory.state.audits).toEqual([]);
  });

  test("an API key takes no ACL, not even an empty one; IP ranges it does", async () => {
    const { deps, command } = world(tokenCredential("api_key").credential);
    expect(await reasonOf(updateCredential(deps, command(), { aclRules: [] }, never))).toBe(
      "ACL_NOT_SUPPORTED",
    );
    const allowedIpRanges = parseIpRanges(["10.0.0.0/8"]);
    expect(await updateCredential(deps, command(), { allowedIpRanges }, never)).toMatchObject({
      value: { allowedIpRanges },
    });
  });

  test("an SSH key takes an ACL", async () => {
    const { deps, command } = world(sshCredential().credential);
    const aclRules = parseAclRules(["bind:a.example"]);
    expect(await updateCredential(deps, command(), { aclRules }, never)).toMatchObject({
      value: { aclRules },
    });
  });

  test("a revoked credential stays as it was", async () => {
    const { deps, command } = world({ ...credential, revokedAt: now });
    const update = updateCredential(deps, command(), { description: "x" }, never);
    expect(await reasonOf(update)).toBe("CREDENTIAL_REVOKED");
  });
});

describe("revoke", () => {
  test("is for ever; to repeat it changes nothing", async () => {
    const { deps, command, memory } = world(credential);
    const revoked = await revokeCredential(deps, command(), never);
    expect(revoked).toMatchObject({ value: { revokedAt: later, version: 2 } });
    const muchLater = { ...deps, clock: () => new Date(later.getTime() + 1) };
    expect(await revokeCredential(muchLater, command(), never)).toEqual(revoked);
    expect(memory.state.audits).toHaveLength(1);
  });
});

describe("delete", () => {
  test("leaves nothing; a repeat is answered again with the same request id only", async () => {
    const { deps, command, memory } = world(credential);
    const once = command({ mutation: mutation({ requestId: "r" }) });
    await deleteCredential(deps, once, never);
    expect(memory.state.credentials.size).toBe(0);
    expect(memory.state.audits).toMatchObject([{ action: "credential.delete" }]);
    await deleteCredential(deps, once, never);
    expect(await reasonOf(deleteCredential(deps, command(), never))).toBe("CREDENTIAL_NOT_FOUND");
  });
});

describe("every change", () => {
  const changes = {
    update: (deps: ReturnType<typeof world>["deps"], command: CredentialCommand) =>
      updateCredential(deps, command, { description: "x" }, never),
    revoke: revokeCredential,
    delete: deleteCredential,
  };
  test.each(Object.entries(changes))("%s minds the etag and the account", async (_name, change) => {
    const { deps, command } = world(credential);
    const run = (parts: Partial<CredentialCommand>) => change(deps, command(parts), never);
    expect(await reasonOf(run({ etag: "v9" }))).toBe("ETAG_MISMATCH");
    expect(await reasonOf(run({ accountId: otherAccount }))).toBe("CREDENTIAL_NOT_FOUND");
    expect(await reasonOf(run({ etag: etagOf(credential) }))).toBe("none");
  });
});
