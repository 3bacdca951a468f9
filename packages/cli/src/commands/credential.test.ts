import { Code } from "@connectrpc/connect";
import { afterEach, beforeEach, expect, test } from "vitest";
import { environmentFor } from "../testing/environment.ts";
import { newSecret } from "../testing/fake-credential.ts";
import { type FakeServices, startFakeServices, wireError } from "../testing/fake-services.ts";
import { runCli } from "../testing/run-cli.ts";

let services: FakeServices;
beforeEach(async () => {
  services = await startFakeServices();
});
afterEach(() => services.close());

const portcullis = (...args: string[]) => runCli(args, { environment: environmentFor(services) });
const publicKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ me@here";

test("a new token stands alone on standard output, and what is said of it on standard error", async () => {
  const { code, stdout, stderr } = await portcullis(
    "credential",
    "create-authtoken",
    "--acl",
    "bind:*.example.com",
  );
  expect({ code, stdout }).toEqual({ code: 0, stdout: `${newSecret}\n` });
  expect(stderr).toContain("cred_1 of user_self");
  expect(stderr).toContain("can't be read again");
  expect(stderr).not.toContain(newSecret);
});

test("with --json a new token is in the JSON", async () => {
  const { stdout, stderr } = await portcullis("credential", "create-api-key", "--json");
  expect(JSON.parse(stdout)).toMatchObject({
    token: newSecret,
    credential: { credentialId: "cred_1", kind: "CREDENTIAL_KIND_API_KEY" },
  });
  expect(stderr).toBe("");
});

test("sends everything that was given, for an owner by its address", async () => {
  await portcullis("service-user", "create", "bot");
  const before = Date.now();
  const command =
    "credential create-authtoken --owner sa::Bot --description d --metadata m --acl bind:a.example.com " +
    "--acl bind:b.example.com --allow-ip 10.0.0.0/8 --expires-in 30d";
  await portcullis(...command.split(" "));
  const in30Days = before / 1000 + 30 * 86_400;
  expect(services.callsOf("CreateAuthtoken")[0]?.message).toMatchObject({
    ownerId: "svc_1",
    description: "d",
    metadata: "m",
    aclRules: ["bind:a.example.com", "bind:b.example.com"],
    allowedIpRanges: ["10.0.0.0/8"],
    expireTime: { seconds: expect.toSatisfy((seconds: bigint) => Math.abs(Number(seconds) - in30Days) < 60) },
  });
});

test("a fixed expiry is sent as written, and not with a relative one", async () => {
  await portcullis("credential", "create-api-key", "--expires-at", "2030-01-31T12:00:00+01:00");
  expect(services.callsOf("CreateApiKey")[0]?.message).toMatchObject({
    expireTime: { seconds: 1_896_087_600n },
  });
  const both = ["--expires-at", "2030-01-31T12:00:00Z", "--expires-in", "1d"];
  expect(await portcullis("credential", "create-api-key", ...both)).toMatchObject({ code: 2 });
});

test("an unsettled creation says how to repeat the very same request", async () => {
  services.failNext(
    "CreateApiKey",
    wireError(Code.Unavailable, "DEPENDENCY_UNAVAILABLE", "Not now."),
    "hang",
  );
  const { stderr } = await portcullis(
    "credential",
    "create-api-key",
    "--expires-in",
    "1h",
    "--timeout",
    "0.9",
  );
  expect(stderr).toMatch(/with --request-id [0-9a-f-]{36} --expires-at \S+Z instead of --expires-in/);
});

test("a secret whose answer got lost is told to be lost, not printed as nothing", async () => {
  services.failNext("CreateApiKey", "lose-secret");
  const { code, stdout, stderr } = await portcullis("credential", "create-api-key", "--json");
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(JSON.parse(stderr)).toMatchObject({
    code: "data_loss",
    hint: expect.stringContaining("delete cred_1"),
  });
});

test("registers an SSH key from a line, and never a private one", async () => {
  const { code, stdout } = await portcullis("credential", "create-ssh-key", "--public-key", publicKey);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^Fingerprint: +SHA256:abc$/m);
  const secret = "-----BEGIN OPENSSH PRIVATE KEY-----\nabc";
  expect(await portcullis("credential", "create-ssh-key", "--public-key", secret)).toMatchObject({ code: 2 });
  expect(await portcullis("credential", "create-ssh-key")).toMatchObject({ code: 2 });
  const missing = await portcullis(
    "credential",
    "create-ssh-key",
    "--public-key-file",
    "/nonexistent/key.pub",
  );
  expect(missing).toMatchObject({ code: 2, stderr: expect.stringContaining("does not exist") });
  expect(services.callsOf("CreateSshKey")).toHaveLength(1);
});

test("lists by owner and kind", async () => {
  await portcullis("credential", "create-authtoken");
  await portcullis("credential", "create-ssh-key", "--public-key", publicKey);
  const { stdout } = await portcullis(
    "credential",
    "list",
    "--kind",
    "ssh-key",
    "--owner",
    "user_self",
    "--all",
  );
  expect(stdout.split("\n").slice(1)).toEqual([
    expect.stringMatching(/^cred_2 +ssh-key +active +user_self +- +SHA256:abc +-$/),
    "",
  ]);
  const wrong = await portcullis("credential", "list", "--kind", "password");
  expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining("authtoken, api-key, ssh-key") });
});

test("an update replaces lists as a whole, and clears them only when told to", async () => {
  await portcullis("credential", "create-authtoken");
  await portcullis("credential", "update", "cred_1", "--acl", "bind:a.example.com", "--clear-allow-ip");
  expect(services.callsOf("UpdateCredential")[0]?.message).toMatchObject({
    updateMask: { paths: ["acl_rules", "allowed_ip_ranges"] },
    aclRules: ["bind:a.example.com"],
    allowedIpRanges: [],
  });
  const both = ["--clear-acl", "--acl", "*"];
  expect(await portcullis("credential", "update", "cred_1", ...both)).toMatchObject({ code: 2 });
});

test("shows, revokes and deletes", async () => {
  await portcullis("credential", "create-authtoken");
  expect((await portcullis("credential", "get", "cred_1")).stdout).toMatch(/^ACL: +everything$/m);
  expect((await portcullis("credential", "revoke", "cred_1")).stdout).toMatch(/^State: +revoked$/m);
  expect((await portcullis("credential", "delete", "cred_1")).stdout).toMatch(/^Deleted cred_1\./);
  expect(await portcullis("credential", "get", "cred_1")).toMatchObject({ code: 1 });
});
