import { timestampDate, timestampFromDate, timestampFromMs } from "@bufbuild/protobuf/wkt";
import { ConnectError } from "@connectrpc/connect";
import { ErrorInfoSchema } from "@portcullis/contracts/portcullis/common/v1/error_reason_pb.ts";
import { PrincipalKind, PrincipalState } from "@portcullis/contracts/portcullis/common/v1/principal_pb.ts";
import {
  type Credential,
  CredentialKind as Kind,
  CredentialState as State,
} from "@portcullis/contracts/portcullis/credential/v1/credential_pb.ts";
import { newId } from "@portcullis/service";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sshPublicKeyLine } from "./testing/fixtures.ts";
import {
  as,
  asWorkload,
  refusalOf,
  startTestCredential,
  type TestCredential,
} from "./testing/start-credential.ts";

let service: TestCredential;
beforeAll(async () => {
  service = await startTestCredential();
});
afterAll(() => service[Symbol.asyncDispose]());

const admin = () => as(service.admin.apiKey);
const developer = () => as(service.developer.apiKey);

async function newAuthtoken(
  fields: Record<string, unknown> = {},
): Promise<Credential & { readonly token: string }> {
  const { credential, token } = await service.credentials.createAuthtoken(fields, admin());
  if (credential === undefined) throw new Error("no credential");
  return { ...credential, token };
}

async function metadataOf(call: Promise<unknown>): Promise<Record<string, string> | undefined> {
  const error = ConnectError.from(await call.catch((failed: unknown) => failed));
  return error.findDetails(ErrorInfoSchema)[0]?.metadata;
}

describe("creation", () => {
  test("answers with the credential and, this once, with its secret", async () => {
    const expires = new Date(service.now().getTime() + 60_000);
    const { credential, token } = await service.credentials.createAuthtoken(
      {
        description: "ci",
        metadata: '{"a":1}',
        aclRules: ["bind:FOO.example", "bind:foo.example", "bind:*.b.example"],
        allowedIpRanges: ["192.0.2.1", "2001:DB8::/32"],
        expireTime: timestampFromDate(expires),
      },
      admin(),
    );
    expect(token).toMatch(/^pcat_[0-9A-Za-z]{22}_[0-9A-Za-z]{38}$/);
    expect(credential).toMatchObject({
      accountId: service.acme,
      ownerId: service.admin.principalId,
      kind: Kind.AUTHTOKEN,
      state: State.ACTIVE,
      description: "ci",
      metadata: '{"a":1}',
      aclRules: ["bind:foo.example", "bind:*.b.example"],
      allowedIpRanges: ["192.0.2.1/32", "2001:db8::/32"],
      tokenHint: token.slice(0, 27),
      etag: "v1",
    });
    expect(credential?.credentialId).toMatch(/^cred_/);
    expect(credential?.expireTime && timestampDate(credential.expireTime)).toEqual(expires);
    const read = await service.credentials.getCredential(
      { credentialId: credential?.credentialId ?? "" },
      admin(),
    );
    expect(read.credential).toEqual(credential);
  });

  test("of an API key and an SSH key has what belongs to them", async () => {
    const apiKey = await service.credentials.createApiKey({}, admin());
    expect(apiKey.token).toMatch(/^pcak_/);
    expect(apiKey.credential).toMatchObject({ kind: Kind.API_KEY, aclRules: [] });
    const publicKey = sshPublicKeyLine("me@laptop");
    const { credential } = await service.credentials.createSshKey({ publicKey: `${publicKey}\n` }, admin());
    expect(credential).toMatchObject({
      kind: Kind.SSH_KEY,
      description: "me@laptop",
      tokenHint: "",
      sshPublicKey: { authorizedKey: publicKey, keyType: "ssh-ed25519" },
    });
    expect(credential?.sshPublicKey?.fingerprint).toMatch(/^SHA256:/);
  });

  test("repeated with its request id creates nothing, and tells no secret again", async () => {
    const request = { description: "once", requestId: "create-once" };
    const first = await service.credentials.createApiKey(request, admin());
    const { credentialId = "" } = first.credential ?? {};
    await service.credentials.revokeCredential({ credentialId }, admin());
    const second = await service.credentials.createApiKey(request, admin());
    expect(second.token).toBe("");
    expect(second.credential).toMatchObject({ credentialId, state: State.REVOKED });
    const other = service.credentials.createApiKey({ ...request, description: "twice" }, admin());
    expect(await refusalOf(other)).toBe("REQUEST_ID_REUSED");
    const asAuthtoken = service.credentials.createAuthtoken(request, admin());
    expect(await refusalOf(asAuthtoken)).toBe("REQUEST_ID_REUSED");
    // Request ids are everybody's own.
    const another = await service.credentials.createApiKey(request, developer());
    expect(another.credential?.credentialId).not.toBe(credentialId);
  });

  test("for another owner is for those who may assign owners, whether or not there is such an owner", async () => {
    const robot = await service.newRobot();
    for (const ownerId of [robot, service.admin.principalId, newId("svc"), "nonsense"]) {
      const denied = service.credentials.createAuthtoken({ ownerId }, developer());
      expect(await metadataOf(denied)).toEqual({ permission: "credential.owners.assign" });
    }
    expect((await newAuthtoken({ ownerId: robot })).ownerId).toBe(robot);
    const own = await service.credentials.createAuthtoken(
      { ownerId: service.developer.principalId },
      developer(),
    );
    expect(own.credential?.ownerId).toBe(service.developer.principalId);
  });

  test("for service users is for those who manage them, too, and for nobody else", async () => {
    const manager = as(service.manager.apiKey);
    const robot = await service.newRobot();
    const created = await service.credentials.createApiKey({ ownerId: robot }, manager);
    expect(created.credential?.ownerId).toBe(robot);
    for (const ownerId of [service.admin.principalId, newId("user")]) {
      const denied = service.credentials.createApiKey({ ownerId }, manager);
      expect(await metadataOf(denied)).toEqual({ permission: "credential.owners.assign" });
    }
  });

  test("needs an owner that there is, in that account", async () => {
    const foreign = await service.newRobot(service.globex);
    for (const ownerId of [newId("svc"), "nonsense", "\0", foreign]) {
      expect(await refusalOf(service.credentials.createAuthtoken({ ownerId }, admin()))).toBe(
        "PRINCIPAL_NOT_FOUND",
      );
    }
    const operator = await asWorkload("operator");
    const { createApiKey } = service.credentials;
    expect(await refusalOf(createApiKey({ accountId: service.acme }, operator))).toBe("PRINCIPAL_NOT_FOUND");
    expect(await refusalOf(createApiKey({ ownerId: foreign }, operator))).toBe("ACCOUNT_NOT_FOUND");
    const root = as(service.root.apiKey);
    expect(await refusalOf(createApiKey({ accountId: service.globex }, root))).toBe("PRINCIPAL_NOT_FOUND");
    const made = await createApiKey({ accountId: service.globex, ownerId: foreign }, root);
    expect(made.credential).toMatchObject({ accountId: service.globex, ownerId: foreign });
  });

  test("refuses what it can't mean, and says which", async () => {
    const create = (fields: Record<string, unknown>) => service.credentials.createAuthtoken(fields, admin());
    const nowMs = service.now().getTime();
    const refusals: [Record<string, unknown>, string][] = [
      [{ aclRules: ["bind:ok.example", "deny:x"] }, "ACL_RULE_INVALID"],
      [{ allowedIpRanges: ["10.0.0.1/8"] }, "IP_RANGE_INVALID"],
      [{ expireTime: timestampFromMs(nowMs) }, "EXPIRY_IN_PAST"],
      [{ expireTime: { seconds: 10n ** 15n, nanos: 0 } }, "VALIDATION_FAILED"],
      [{ expireTime: { seconds: 0n, nanos: -1 } }, "VALIDATION_FAILED"],
      [{ description: "a\0b" }, "VALIDATION_FAILED"],
      [{ metadata: "\0" }, "VALIDATION_FAILED"],
      [{ description: "é".repeat(128) }, "VALIDATION_FAILED"],
      [{ metadata: "x".repeat(4097) }, "VALIDATION_FAILED"],
      [{ aclRules: Array.from({ length: 101 }, () => "*") }, "VALIDATION_FAILED"],
      [{ allowedIpRanges: Array.from({ length: 101 }, () => "::1") }, "VALIDATION_FAILED"],
      [{ requestId: "not an id" }, "VALIDATION_FAILED"],
    ];
    for (const [fields, reason] of refusals) expect(await refusalOf(create(fields))).toBe(reason);
    expect(await metadataOf(create({ aclRules: ["*", "deny:x"] }))).toEqual({ rule: "deny:x" });
    expect(await metadataOf(create({ allowedIpRanges: ["10.0.0.1/8"] }))).toEqual({ range: "10.0.0.1/8" });
    expect(await refusalOf(service.credentials.createSshKey({ publicKey: "ssh-dss AAAA" }, admin()))).toBe(
      "SSH_KEY_INVALID",
    );
    // As much as is allowed.
    const limits = { description: "é".repeat(127), metadata: "x".repeat(4096) };
    expect(await newAuthtoken(limits)).toMatchObject(limits);
  });

  test("of an SSH key that any account has is refused", async () => {
    const publicKey = sshPublicKeyLine();
    await service.credentials.createSshKey({ publicKey }, admin());
    const again = service.credentials.createSshKey(
      { publicKey: `${publicKey} mine` },
      as(service.stranger.apiKey),
    );
    expect(await refusalOf(again)).toBe("SSH_KEY_TAKEN");
  });
});

describe("reading", () => {
  test("another account's, a deleted and a malformed id: one answer", async () => {
    const { credentialId } = await newAuthtoken();
    const read = (id: string, key: string) =>
      service.credentials.getCredential({ credentialId: id }, as(key));
    expect(await refusalOf(read(credentialId, service.stranger.apiKey))).toBe("CREDENTIAL_NOT_FOUND");
    expect(await refusalOf(read("cred_\0", service.admin.apiKey))).toBe("CREDENTIAL_NOT_FOUND");
    await service.credentials.deleteCredential({ credentialId }, admin());
    expect(await refusalOf(read(credentialId, service.admin.apiKey))).toBe("CREDENTIAL_NOT_FOUND");
    const foreign = { accountId: service.acme, credentialId };
    const stranger = service.credentials.getCredential(foreign, as(service.stranger.apiKey));
    expect(await refusalOf(stranger)).toBe("ACCOUNT_NOT_FOUND");
  });

  test("lists by owner and kind, newest first, in pages", async () => {
    const ownerId = await service.newRobot();
    const made: string[] = [];
    for (let count = 0; count < 3; count++) {
      made.unshift((await newAuthtoken({ ownerId })).credentialId);
      await service.credentials.createApiKey({ ownerId }, admin());
    }
    const filter = { ownerId, kinds: [Kind.AUTHTOKEN] };
    const list = (pageSize: number, pageToken = "") =>
      service.credentials.listCredentials({ filter, pageSize, pageToken }, admin());
    const first = await list(2);
    const second = await list(2, first.nextPageToken);
    expect([...first.credentials, ...second.credentials].map(({ credentialId }) => credentialId)).toEqual(
      made,
    );
    expect(second.nextPageToken).toBe("");
    const all = await service.credentials.listCredentials({ filter: { ownerId } }, admin());
    expect(all.credentials).toHaveLength(6);
    const wrong = service.credentials.listCredentials({ pageToken: first.nextPageToken }, admin());
    expect(await refusalOf(wrong)).toBe("PAGE_TOKEN_INVALID");
    const malformed = service.credentials.listCredentials({ filter: { ownerId: "\0" } }, admin());
    expect(await refusalOf(malformed)).toBe("VALIDATION_FAILED");
    const strangers = await service.credentials.listCredentials(
      { filter: { ownerId } },
      as(service.stranger.apiKey),
    );
    expect(strangers.credentials).toEqual([]);
  });

  test("tells an expired one's state", async () => {
    const soon = timestampFromMs(service.now().getTime() + 1000);
    const { credentialId } = await newAuthtoken({ expireTime: soon });
    service.advance(1000);
    const { credential } = await service.credentials.getCredential({ credentialId }, admin());
    expect(credential?.state).toBe(State.EXPIRED);
  });
});

describe("changes", () => {
  const update = (credentialId: string, paths: string[], fields: Record<string, unknown> = {}) =>
    service.credentials.updateCredential({ credentialId, updateMask: { paths }, ...fields }, admin());

  test("touch what the mask names only", async () => {
    const { credentialId } = await newAuthtoken({
      description: "a",
      metadata: "b",
      aclRules: ["bind:a.example"],
    });
    const { credential } = await update(credentialId, ["acl_rules"], { description: "x", aclRules: [] });
    expect(credential).toMatchObject({ description: "a", metadata: "b", aclRules: [], etag: "v2" });
    const same = await update(credentialId, ["acl_rules"]);
    expect(same.credential?.etag).toBe("v2");
  });

  test("refuse a mask that names nothing, or something else", async () => {
    const { credentialId } = await newAuthtoken();
    expect(await refusalOf(update(credentialId, []))).toBe("UPDATE_MASK_INVALID");
    expect(await metadataOf(update(credentialId, ["description", "owner_id"]))).toEqual({ path: "owner_id" });
    expect(await refusalOf(service.credentials.updateCredential({ credentialId }, admin()))).toBe(
      "VALIDATION_FAILED",
    );
  });

  test("mind the etag", async () => {
    const { credentialId, etag } = await newAuthtoken();
    await update(credentialId, ["description"], { description: "x", etag });
    const stale = { credentialId, etag };
    expect(await refusalOf(update(credentialId, ["description"], { description: "y", etag }))).toBe(
      "ETAG_MISMATCH",
    );
    expect(await refusalOf(service.credentials.revokeCredential(stale, admin()))).toBe("ETAG_MISMATCH");
    expect(await refusalOf(service.credentials.deleteCredential(stale, admin()))).toBe("ETAG_MISMATCH");
  });

  test("give no ACL to an API key, and nothing to a revoked one", async () => {
    const { credential } = await service.credentials.createApiKey({}, admin());
    const { credentialId = "" } = credential ?? {};
    expect(await refusalOf(update(credentialId, ["acl_rules"]))).toBe("ACL_NOT_SUPPORTED");
    await service.credentials.revokeCredential({ credentialId }, admin());
    expect(await refusalOf(update(credentialId, ["description"]))).toBe("CREDENTIAL_REVOKED");
    const { credential: again } = await service.credentials.revokeCredential({ credentialId }, admin());
    expect(again).toMatchObject({ state: State.REVOKED, etag: "v2" });
  });

  test("repeated with their request id answer again", async () => {
    const { credentialId } = await newAuthtoken();
    const fields = { description: "x", requestId: "update-1", etag: "v1" };
    await update(credentialId, ["description"], fields);
    expect((await update(credentialId, ["description"], fields)).credential?.description).toBe("x");
    const deletion = { credentialId, requestId: "delete-1" };
    await service.credentials.deleteCredential(deletion, admin());
    expect(await refusalOf(service.credentials.deleteCredential(deletion, admin()))).toBe("none");
    expect(await refusalOf(service.credentials.deleteCredential({ credentialId }, admin()))).toBe(
      "CREDENTIAL_NOT_FOUND",
    );
  });

  test("are audited with who did them, and without secrets", async () => {
    const { credentialId, token } = await newAuthtoken({ metadata: "private" });
    await update(credentialId, ["metadata"], { metadata: "more private" });
    await service.credentials.revokeCredential({ credentialId }, admin());
    await service.credentials.deleteCredential({ credentialId }, admin());
    const events = await service.database.db
      .selectFrom("audit_outbox")
      .selectAll()
      .where("target_id", "=", credentialId)
      .orderBy("id")
      .execute();
    expect(events.map(({ action }) => action)).toEqual([
      "credential.create",
      "credential.update",
      "credential.revoke",
      "credential.delete",
    ]);
    expect(events[0]?.actor).toMatchObject({ kind: "principal", principalId: service.admin.principalId });
    const text = JSON.stringify(events);
    expect(text).not.toContain(token.slice(28));
    expect(text).not.toContain("private");
  });
});

describe("what identity tells", () => {
  test("must be the whole of a principal", async () => {
    const identity = await asWorkload("identity");
    const whole = {
      accountId: service.acme as string,
      principalId: newId("svc"),
      kind: PrincipalKind.SERVICE_USER as PrincipalKind,
      state: PrincipalState.ACTIVE as PrincipalState,
      version: 1n,
    };
    const apply = (parts: Partial<typeof whole>) =>
      refusalOf(service.enforcement.applyPrincipal({ principal: { ...whole, ...parts } }, identity));
    const broken: readonly Partial<typeof whole>[] = [
      { kind: PrincipalKind.UNSPECIFIED },
      { kind: 9 as PrincipalKind },
      { state: PrincipalState.UNSPECIFIED },
      { state: 9 as PrincipalState },
      { version: 0n },
      { version: 2n ** 60n },
    ];
    for (const parts of broken) {
      expect(await apply(parts)).toBe("VALIDATION_FAILED");
    }
    expect(await apply({ principalId: "\0" })).toBe("PRINCIPAL_NOT_FOUND");
    expect(await refusalOf(service.enforcement.applyPrincipal({}, identity))).toBe("VALIDATION_FAILED");
    expect(await apply({})).toBe("none");
  });

  test("is answered with what is in force, told just now or before", async () => {
    const identity = await asWorkload("identity");
    const principalId = newId("svc");
    const apply = (state: PrincipalState, version: bigint) => {
      const kind = PrincipalKind.SERVICE_USER;
      const principal = { accountId: service.acme, principalId, kind, state, version };
      return service.enforcement.applyPrincipal({ principal }, identity);
    };
    const inForce = { appliedVersion: 4n, appliedState: PrincipalState.INACTIVE };
    expect(await apply(PrincipalState.INACTIVE, 4n)).toMatchObject(inForce);
    expect(await apply(PrincipalState.ACTIVE, 4n)).toMatchObject(inForce);
    expect(await apply(PrincipalState.LOCKED, 3n)).toMatchObject(inForce);
  });

  test("is told by identity alone", async () => {
    const principal = {
      accountId: service.acme,
      principalId: newId("svc"),
      kind: PrincipalKind.SERVICE_USER,
      state: PrincipalState.ACTIVE,
      version: 1n,
    };
    for (const caller of [await asWorkload("gateway"), as(service.root.apiKey)]) {
      expect(await refusalOf(service.enforcement.applyPrincipal({ principal }, caller))).toBe(
        "PERMISSION_DENIED",
      );
    }
  });

  test("is previewed by what works now", async () => {
    const robot = await service.newRobot();
    const preview = async () => {
      const request = { accountId: service.acme, principalId: robot };
      const { dependents } = await service.enforcement.previewPrincipal(
        request,
        await asWorkload("identity"),
      );
      return dependents.map(({ kind, count }) => [kind, count]);
    };
    expect(await preview()).toEqual([]);
    const { credentialId } = await newAuthtoken({ ownerId: robot });
    await newAuthtoken({ ownerId: robot });
    await service.credentials.createApiKey({ ownerId: robot }, admin());
    await service.credentials.revokeCredential({ credentialId }, admin());
    expect(await preview()).toEqual([
      ["api_keys", 1n],
      ["authtokens", 1n],
    ]);
    await service.apply(robot, PrincipalState.DELETED, 2);
    expect(await preview()).toEqual([]);
  });
});
