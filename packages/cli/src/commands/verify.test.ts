import { afterAll, beforeAll, expect, test } from "vitest";
import { environmentFor } from "../testing/environment.ts";
import { validToken } from "../testing/fake-credential.ts";
import { type FakeServices, startFakeServices } from "../testing/fake-services.ts";
import { type Given, runCli } from "../testing/run-cli.ts";

let services: FakeServices;
beforeAll(async () => {
  services = await startFakeServices();
});
afterAll(() => services.close());

const portcullis = (args: string[], { environment, ...given }: Given = {}) =>
  runCli(args, { ...given, environment: { ...environmentFor(services), ...environment } });
const lastVerification = () => services.callsOf("VerifyToken").at(-1)?.message;

test("a valid token ends in 0", async () => {
  const { code, stdout, stderr } = await portcullis(["verify", "token", "--stdin"], {
    stdin: `${validToken}\n`,
  });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toMatch(/^Result: +valid$/m);
  expect(stdout).toMatch(/^Owner: +svc_1$/m);
  expect(lastVerification()).toMatchObject({ token: validToken });
});

test("a refusal ends in 3 and tells why", async () => {
  const { code, stdout } = await portcullis(["verify", "token"], {
    environment: { PORTCULLIS_TOKEN: "pcat_0Bad" },
  });
  expect(code).toBe(3);
  expect(stdout).toMatch(/^Result: +owner-inactive$/m);
  const asJson = await portcullis(["verify", "token", "--stdin", "--json"], { stdin: "pcat_0Bad" });
  expect(asJson.code).toBe(3);
  expect(JSON.parse(asJson.stdout)).toMatchObject({
    verification: { result: "VERIFICATION_RESULT_OWNER_INACTIVE", retryAfterMs: "0" },
  });
});

test("a token among the arguments works, is advised against, and is not repeated", async () => {
  const { code, stdout, stderr } = await portcullis(["verify", "token", validToken]);
  expect(code).toBe(0);
  expect(stderr).toContain("--stdin");
  expect(stdout + stderr).not.toContain(validToken);
});

test("no token, two tokens or an empty one is wrong usage", async () => {
  expect(await portcullis(["verify", "token"])).toMatchObject({ code: 2 });
  expect(await portcullis(["verify", "token", "--stdin"], { stdin: " \n" })).toMatchObject({ code: 2 });
  expect(await portcullis(["verify", "token", "x", "--stdin"], { stdin: "y" })).toMatchObject({ code: 2 });
});

test.each([
  [["--host", "*.example.com"], { case: "host", value: "*.example.com" }],
  [["--host-port", "example.com:22"], { case: "hostPort", value: { host: "example.com", port: 22 } }],
  [["--label", "a=b", "--label", "c=d=e"], { case: "labels", value: { labels: { a: "b", c: "d=e" } } }],
  [["--random-tcp-port"], { case: "randomTcpPort", value: true }],
])("asks about %j", async (options, bind) => {
  await portcullis(["verify", "token", "--stdin", ...options], { stdin: validToken });
  expect(lastVerification()).toMatchObject({ action: { bind } });
});

test("asks about one use at most, and sends address and kinds", async () => {
  const two = ["verify", "token", "x", "--host", "a", "--random-tcp-port"];
  expect(await portcullis(two)).toMatchObject({ code: 2 });
  await portcullis(["verify", "token", "x", "--source-ip", "2001:db8::1", "--kind", "api-key"]);
  expect(lastVerification()).toMatchObject({ sourceIp: "2001:db8::1", acceptedKinds: [2] });
  expect(lastVerification()).not.toHaveProperty("action");
  expect(await portcullis(["verify", "token", "x", "--source-ip", "10.0.0.0/8"])).toMatchObject({ code: 2 });
});

test("an SSH key that is not registered ends in 3", async () => {
  const { code, stdout } = await portcullis(["verify", "ssh-key", "--public-key", "ssh-ed25519 AAAA"]);
  expect(code).toBe(3);
  expect(stdout).toMatch(/^Result: +unknown$/m);
});

test("check ends in 0 for what is held and in 3 for what is not, and finds the account itself", async () => {
  const held = await portcullis(["check", "user_1", "credential.credentials.read"]);
  expect(held).toMatchObject({ code: 0, stdout: "Allowed:  yes\nReason:   role\n" });
  expect(services.callsOf("Check")[0]?.message).toMatchObject({
    subject: { accountId: "acct_own", principalId: "user_1" },
    accountId: "",
  });
  const other = await portcullis([
    "check",
    "user_1",
    "identity.account.update",
    "--account",
    "acct_2",
    "--json",
  ]);
  expect(other.code).toBe(3);
  expect(JSON.parse(other.stdout)).toMatchObject({ allowed: false, reason: "CHECK_REASON_NOT_GRANTED" });
  expect(services.callsOf("Check")[1]?.message).toMatchObject({
    subject: { accountId: "acct_2" },
    accountId: "acct_2",
  });
});

test("check --subject-account names another account's principal", async () => {
  await portcullis(["check", "user_1", "x", "--account", "acct_2", "--subject-account", "acct_3"]);
  expect(services.callsOf("Check").at(-1)?.message).toMatchObject({
    subject: { accountId: "acct_3" },
    accountId: "acct_2",
  });
});
