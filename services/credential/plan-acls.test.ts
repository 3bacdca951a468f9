import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { sshPublicKeyLine } from "./testing/fixtures.ts";
import { as, refusalOf, startTestCredential, type TestCredential } from "./testing/start-credential.ts";

const acl = ["bind:a.example.com"];

let service: TestCredential;
beforeAll(async () => {
  service = await startTestCredential();
});
afterAll(() => service[Symbol.asyncDispose]());
afterEach(() => {
  service.identityIsAway = false;
  service.withoutAcls.clear();
});

const admin = () => as(service.admin.apiKey);
const createAuthtoken = (aclRules: readonly string[], requestId = "") =>
  service.credentials.createAuthtoken({ aclRules: [...aclRules], requestId }, admin());
const createSshKey = (aclRules: readonly string[]) =>
  service.credentials.createSshKey({ aclRules: [...aclRules], publicKey: sshPublicKeyLine() }, admin());
const update = (credentialId: string, paths: string[], fields: object) =>
  service.credentials.updateCredential({ credentialId, updateMask: { paths }, ...fields }, admin());

test("where the plan has no ACLs no credential is restricted, and all else goes on", async () => {
  service.withoutAcls.add(service.acme);
  expect(await refusalOf(createAuthtoken(acl))).toBe("PLAN_FEATURE_MISSING");
  expect(await refusalOf(createSshKey(acl))).toBe("PLAN_FEATURE_MISSING");
  expect(await refusalOf(createSshKey([]))).toBe("none");
  const { credential } = await createAuthtoken(["*"]);
  const id = credential?.credentialId ?? "";
  expect(await refusalOf(update(id, ["acl_rules"], { aclRules: acl }))).toBe("PLAN_FEATURE_MISSING");
  expect(await refusalOf(update(id, ["description"], { description: "x" }))).toBe("none");
  const elsewhere = service.credentials.createAuthtoken({ aclRules: acl }, as(service.stranger.apiKey));
  expect(await refusalOf(elsewhere)).toBe("none");
});

test("rules from before a change of the plan stay, may be sent along, and may be lifted", async () => {
  const { credential } = await createAuthtoken(acl, "before");
  const id = credential?.credentialId ?? "";
  service.withoutAcls.add(service.acme);
  expect((await createAuthtoken(acl, "before")).credential?.credentialId).toBe(id);
  const fields = { description: "x", aclRules: acl };
  expect(await refusalOf(update(id, ["description", "acl_rules"], fields))).toBe("none");
  expect(await refusalOf(update(id, ["acl_rules"], { aclRules: [] }))).toBe("none");
});

test("while identity can't be asked nothing is restricted, and all else goes on", async () => {
  service.identityIsAway = true;
  expect(await refusalOf(createAuthtoken(acl))).toBe("DEPENDENCY_UNAVAILABLE");
  expect(await refusalOf(createAuthtoken([]))).toBe("none");
});
