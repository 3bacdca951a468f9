import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { Code, ConnectError } from "@connectrpc/connect";
import { afterEach, beforeEach, expect, test } from "vitest";
import { environmentFor, testApiKey } from "./testing/environment.ts";
import { type FakeServices, startFakeServices, wireError } from "./testing/fake-services.ts";
import { runCli } from "./testing/run-cli.ts";

let services: FakeServices;
beforeEach(async () => {
  services = await startFakeServices();
});
afterEach(() => services.close());

const portcullis = (...args: string[]) => runCli(args, { environment: environmentFor(services) });

test("an error is one line with its reason, and one with what to do", async () => {
  services.failNext(
    "GetAccount",
    wireError(Code.PermissionDenied, "PERMISSION_DENIED", "This needs a\npermission."),
  );
  expect(await portcullis("account", "get")).toEqual({
    code: 1,
    stdout: "",
    stderr:
      "error: This needs a\\npermission. [PERMISSION_DENIED]\n" +
      "Ask an administrator of the account for a role that has it; `portcullis role list` shows them.\n",
  });
});

test("with --json an error is one line of JSON", async () => {
  services.failNext(
    "CreateAccount",
    wireError(Code.InvalidArgument, "VALIDATION_FAILED", "display_name is wrong"),
  );
  const { code, stderr } = await portcullis("account", "create", "x", "--json");
  expect(code).toBe(1);
  expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  expect(JSON.parse(stderr)).toEqual({
    code: "invalid_argument",
    reason: "VALIDATION_FAILED",
    message: "display_name is wrong",
    hint: "",
    requestId: services.callsOf("CreateAccount")[0]?.message["requestId"],
  });
});

test("an internal error names the id that the service's log has it under", async () => {
  services.failNext("GetAccount", wireError(Code.Internal, "INTERNAL", "Something went wrong on our side."));
  const { stderr } = await portcullis("account", "get");
  expect(stderr).toContain(String(services.calls[0]?.headers.get("x-request-id")));
});

test("the caller's own API key is never shown, even where an error repeats it", async () => {
  services.failNext("GetAccount", new ConnectError(`bad key ${testApiKey}`, Code.Unauthenticated));
  const { stderr } = await portcullis("account", "get");
  expect(stderr).toContain("[secret]");
  expect(stderr).not.toContain(testApiKey);
});

test("a service that is not there is named, with how to start it, at once", async () => {
  const environment = environmentFor(services);
  await services.close();
  const { code, stderr } = await runCli(["service-user", "create", "x"], { environment });
  services = await startFakeServices();
  expect(code).toBe(1);
  expect(stderr).toContain(
    `The identity service can't be reached at ${environment["PORTCULLIS_IDENTITY_URL"]}`,
  );
  expect(stderr).toContain("npm start");
  expect(stderr).toContain("PORTCULLIS_IDENTITY_URL");
});

test("a server that is something else is named as such", async () => {
  const environment = { ...environmentFor(services), PORTCULLIS_IDENTITY_URL: `${services.url}/elsewhere` };
  const { code, stderr } = await runCli(["account", "get"], { environment });
  expect(code).toBe(1);
  expect(stderr).toContain("does not seem to be Portcullis' identity service");
});

test("without an API key nothing is called, and how to get one is told", async () => {
  const environment = { ...environmentFor(services), PORTCULLIS_API_KEY: "" };
  const { code, stderr } = await runCli(["account", "get"], { environment });
  expect(code).toBe(1);
  expect(stderr).toContain("[CREDENTIALS_MISSING]");
  expect(stderr).toContain("profile set");
  expect(services.calls).toHaveLength(0);
});

test("a read that is not answered ends in time", async () => {
  services.failNext("GetAccount", "hang");
  const { code, stderr } = await portcullis("account", "get", "--timeout", "0.2");
  expect(code).toBe(1);
  expect(stderr).toContain("did not answer in time");
});

test.each([
  [["nonsense"]],
  [["service-user"]],
  [["service-user", "get"]],
  [["service-user", "get", "a", "b"]],
  [["account", "get", "--timeout", "0"]],
  [["account", "list", "--limit", "5", "--all"]],
  [["account", "get", "--nonsense"]],
  [[]],
])("wrong usage %j ends in 2 and calls nobody", async (args) => {
  const { code, stdout, stderr } = await portcullis(...args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toMatch(/^error: /m);
  expect(services.calls).toHaveLength(0);
});

test("help and version end in 0", async () => {
  expect(await portcullis("--version")).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
  });
  const help = await portcullis("credential", "create-authtoken", "--help");
  expect(help).toMatchObject({ code: 0, stderr: "" });
  expect(help.stdout).toContain("--json");
});

test("a reader that goes away is no error", async () => {
  for (const name of ["a", "b"]) await portcullis("service-user", "create", name);
  const main = fileURLToPath(new URL("./main.ts", import.meta.url));
  const environment = { ...environmentFor(services), PATH: process.env["PATH"] };
  const child = spawn(process.execPath, [main, "service-user", "list", "--all"], { env: environment });
  // Before it writes: there is nobody to read from the start.
  child.stdout.destroy();
  const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, "close")]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
});

test("the bin runs the program", async () => {
  const bin = fileURLToPath(new URL("../bin/portcullis", import.meta.url));
  const child = spawn(process.execPath, [bin, "--version"]);
  expect(await text(child.stdout)).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test("a Node that can't run the program is told in one line", async () => {
  const bin = fileURLToPath(new URL("../bin/portcullis", import.meta.url));
  const child = spawn(process.execPath, ["--no-experimental-strip-types", bin, "--version"]);
  const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, "close")]);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^error: portcullis needs Node 22\.18 or newer, .*\n$/);
});
