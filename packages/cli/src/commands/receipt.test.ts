import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toBinary, toJson } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import { RevocationReceiptSchema } from "@portcullis/contracts/portcullis/common/v1/receipt_pb.ts";
import { parseReceiptKeys } from "@portcullis/service/receipts";
import { afterEach, beforeEach, expect, test } from "vitest";
import { environmentFor } from "../testing/environment.ts";
import { receiptOf } from "../testing/fake-receipts.ts";
import { type FakeServices, startFakeServices, wireError } from "../testing/fake-services.ts";
import { runCli } from "../testing/run-cli.ts";

let services: FakeServices;
let folder: string;
beforeEach(async () => {
  services = await startFakeServices();
  folder = await mkdtemp(join(tmpdir(), "portcullis-receipt-"));
});
afterEach(async () => {
  await services.close();
  await rm(folder, { recursive: true, force: true });
});

const receipt = receiptOf("identity", "service_user.deactivate", "svc_1");
const json = () => JSON.stringify(toJson(RevocationReceiptSchema, receipt));
const portcullis = (...args: string[]) => runCli(args, { environment: environmentFor(services) });
const verifyText = (stdin: string, ...args: string[]) =>
  runCli(["receipt", "verify", ...args], { environment: environmentFor(services), stdin });
const inFolder = (name: string) => join(folder, name);

async function write(name: string, content: string | Uint8Array): Promise<string> {
  await writeFile(inFolder(name), content);
  return inFolder(name);
}

test("a valid receipt is told with what was taken away, since when, and by which replicas", async () => {
  const { code, stdout, stderr } = await verifyText(json());
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toMatch(/^Result: +VALID$/m);
  expect(stdout).toMatch(/^Done: +service_user\.deactivate$/m);
  expect(stdout).toMatch(/^To: +svc_1$/m);
  expect(stdout).toMatch(/^Nobody can use it since: +2026-01-02T03:04:05\.700Z$/m);
  expect(stdout).toMatch(
    /^In credential: .*revision 42 of g1.*credential-1 acknowledged, credential-2 lease over; 3 open sessions/m,
  );
});

test("it takes a receipt alone or in its answer, as JSON or binary, from a file or standard input", async () => {
  const files = [
    await write("alone.json", json()),
    await write("answer.json", `{"serviceUser": {}, "receipt": ${json()}}`),
    await write("receipt.bin", toBinary(RevocationReceiptSchema, receipt)),
  ];
  for (const file of files) expect((await portcullis("receipt", "verify", file)).code).toBe(0);
  expect((await verifyText(json(), "-")).code).toBe(0);
});

test("no API key is needed or sent, and the issuer's own service is asked", async () => {
  const { PORTCULLIS_API_KEY: _, ...environment } = environmentFor(services);
  const elsewhere = { ...environment, PORTCULLIS_CREDENTIAL_URL: "http://127.0.0.1:1" };
  const verified = await runCli(["receipt", "verify"], { environment: elsewhere, stdin: json() });
  expect(verified.code).toBe(0);
  await verifyText(json());
  for (const { headers } of services.callsOf("ListReceiptKeys")) {
    expect(headers.get("authorization")).toBeNull();
  }
});

test("with keys from a file nobody is called", async () => {
  const keys = await write("keys.json", (await portcullis("receipt", "keys", "--json")).stdout);
  const environment = environmentFor(services);
  await services.close();
  const verified = await runCli(["receipt", "verify", "--keys", keys], { environment, stdin: json() });
  services = await startFakeServices();
  expect(verified).toMatchObject({ code: 0, stderr: "" });
});

const changed = (change: object) => JSON.stringify({ ...JSON.parse(json()), ...change });

test.each([
  ["altered for the reader", () => changed({ statement: {} }), "malformed", "not the one that was signed"],
  ["with a forged signature", () => changed({ signature: "AAAA" }), "wrong_signature", "altered"],
  ["of an unknown key", () => changed({ keyId: "rk-\u001b[2J" }), "unknown_key", "identity has no key"],
  [
    "of a stranger",
    () => JSON.stringify(toJson(RevocationReceiptSchema, receiptOf("stranger", "x", "y"))),
    "unknown_key",
    "stranger has no key",
  ],
  [
    "with a field that nobody signed",
    () => changed({ verified: true }),
    "malformed",
    "this version can read",
  ],
  ["that is an answer without one", () => '{"serviceUser": {}}', "malformed", "no receipt in it"],
  ["that is something else", () => "hello", "malformed", "neither JSON nor"],
  ["that is nothing", () => "", "malformed", "no statement"],
])("a receipt %s is refused with 3 and one line that says why", async (_, text, result, why) => {
  const told = await verifyText(text());
  expect(told).toMatchObject({ code: 3, stderr: "" });
  expect(told.stdout).toMatch(/^INVALID: \P{Cc}*\n$/u);
  expect(told.stdout).toContain(why);
  const asJson = await verifyText(text(), "--json");
  expect(asJson.code).toBe(3);
  expect(JSON.parse(asJson.stdout)).toEqual({ result, message: expect.stringContaining(why) });
});

test("with --json a valid receipt is its signed statement", async () => {
  const { stdout } = await verifyText(json(), "--json");
  expect(JSON.parse(stdout)).toMatchObject({
    result: "valid",
    statement: { targetId: "svc_1", enforcements: [{ revision: "42", sessionsClosed: "3" }] },
  });
});

test("what can't be checked is an error, not a verdict", async () => {
  expect(await portcullis("receipt", "verify", inFolder("none.json"))).toMatchObject({
    code: 2,
    stdout: "",
    stderr: expect.stringContaining("it does not exist"),
  });
  const notKeys = await write("not-keys.json", "SERVICE  USE");
  expect((await verifyText(json(), "--keys", notKeys)).stderr).toContain("receipt keys --json");
  services.failNext("ListReceiptKeys", wireError(Code.Unavailable, "SHUTTING_DOWN", "not now"));
  expect(await verifyText(json())).toMatchObject({ code: 1, stdout: "" });
});

test("the keys of all services are shown in the form that configuration has", async () => {
  const { stdout } = await portcullis("receipt", "keys");
  const lines = stdout.trimEnd().split("\n");
  expect(lines).toHaveLength(7);
  expect(lines[1]).toMatch(/^identity +signs +rk-[0-9a-f]{16}:pub:\S{44}$/);
  expect(lines[2]).toMatch(/^identity +listed +/);
});

test("a new key is alone on standard output, fit for configuration, and told with its public half", async () => {
  const { code, stdout, stderr } = await runCli(["receipt", "new-key"]);
  expect(code).toBe(0);
  const entry = stdout.trimEnd();
  expect(parseReceiptKeys(entry).signing.keyId).toBe(entry.split(":")[0]);
  const publicEntry = /\S+:pub:\S+/.exec(stderr)?.[0] ?? "";
  expect(
    parseReceiptKeys(`${(await runCli(["receipt", "new-key"])).stdout.trimEnd()},${publicEntry}`),
  ).toBeDefined();
});

test("--receipt writes the answer's receipt, which is then valid", async () => {
  await portcullis("service-user", "create", "bot");
  const file = inFolder("deactivated.json");
  const done = await portcullis("service-user", "deactivate", "svc_1", "--receipt", file);
  expect(done.code).toBe(0);
  expect(done.stderr).toContain(file);
  expect(await portcullis("receipt", "verify", file)).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^To: +svc_1$/m),
  });
});

test.each(["revoke", "delete"])("so does credential %s", async (verb) => {
  await portcullis("credential", "create-authtoken");
  const file = inFolder("ended.json");
  expect((await portcullis("credential", verb, "cred_1", "--receipt", file)).code).toBe(0);
  expect((await portcullis("receipt", "verify", file)).stdout).toContain(`credential.${verb}`);
});

test("so does account suspend", async () => {
  const file = inFolder("suspended.json");
  expect((await portcullis("account", "suspend", "acct_2", "--receipt", file)).code).toBe(0);
  expect((await portcullis("receipt", "verify", file)).stdout).toContain("account.suspend");
  const dryRun = ["--dry-run", "--receipt", inFolder("x")];
  expect((await portcullis("account", "suspend", "acct_2", ...dryRun)).code).toBe(2);
});

test.each([
  [["service-user", "deactivate", "svc_1"], /^In force: +(.*)$/m],
  [["account", "suspend", "acct_2"], /^In force: +(.*)$/m],
  [["credential", "revoke", "cred_1"], /^In force: +(.*)$/m],
  [["credential", "delete", "cred_1"], /^Deleted cred_1\. In force (.*)\.$/m],
])("%j tells in one line since when and how it is in force", async (command, line) => {
  await portcullis("service-user", "create", "bot");
  await portcullis("credential", "create-authtoken");
  const { stdout } = await portcullis(...command);
  expect(line.exec(stdout)?.[1]).toBe("since 2026-01-02T03:04:05.700Z on 2 replicas (waited)");
});

test("an answer without a receipt is the change that was asked for, and leaves no file", async () => {
  await portcullis("service-user", "create", "bot");
  const done = await portcullis("service-user", "lock", "svc_1", "--receipt", inFolder("lock.json"));
  expect(done).toMatchObject({ code: 0, stderr: expect.stringContaining("has no receipt") });
  expect(done.stdout).not.toContain("In force");
  expect(await readdir(folder)).toEqual([]);
});

test("nothing is changed where the receipt has no place, and a receipt that is there stays", async () => {
  await portcullis("service-user", "create", "bot");
  const file = await write("kept.json", "evidence");
  for (const path of [file, inFolder("none/receipt.json")]) {
    const refused = await portcullis("service-user", "deactivate", "svc_1", "--receipt", path);
    expect(refused).toMatchObject({ code: 2, stdout: "" });
  }
  expect(services.callsOf("DeactivateServiceUser")).toHaveLength(0);
  expect(await readFile(file, "utf8")).toBe("evidence");
  const dry = await portcullis(
    "service-user",
    "deactivate",
    "svc_1",
    "--dry-run",
    "--receipt",
    inFolder("x"),
  );
  expect(dry.code).toBe(2);
});

test("a change that fails leaves no file, so that the same command can be run again", async () => {
  await portcullis("service-user", "create", "bot");
  services.failNext("DeactivateServiceUser", wireError(Code.Aborted, "ETAG_MISMATCH", "It has changed."));
  const file = inFolder("deactivated.json");
  const command = ["service-user", "deactivate", "svc_1", "--receipt", file] as const;
  expect((await portcullis(...command)).code).toBe(1);
  expect(await readdir(folder)).toEqual([]);
  expect((await portcullis(...command)).code).toBe(0);
});
