import { chmod, mkdtemp, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { testApiKey } from "../testing/environment.ts";
import { type FakeServices, startFakeServices } from "../testing/fake-services.ts";
import { type Given, runCli } from "../testing/run-cli.ts";

let services: FakeServices;
let folder: string;
beforeEach(async () => {
  services = await startFakeServices();
  folder = await mkdtemp(join(tmpdir(), "portcullis-cli-"));
});
afterEach(async () => {
  await services.close();
  await rm(folder, { recursive: true });
});

const portcullis = (args: string[], { environment, ...given }: Given = {}) =>
  runCli(args, { ...given, environment: { HOME: folder, ...environment } });
const file = () => join(folder, ".config", "portcullis", "config.json");
const setDefault = () =>
  portcullis(["profile", "set", "default", "--api-key-stdin", "--identity-url", services.url], {
    stdin: `${testApiKey}\n`,
  });

test("a profile is kept for its owner only, and used without being asked for", async () => {
  expect(await setDefault()).toMatchObject({ code: 0, stderr: "" });
  expect((await stat(file())).mode & 0o777).toBe(0o600);
  expect((await stat(join(folder, ".config", "portcullis"))).mode & 0o777).toBe(0o700);
  expect(await portcullis(["account", "get"])).toMatchObject({ code: 0, stderr: "" });
  expect(services.calls[0]?.headers.get("authorization")).toBe(`Bearer ${testApiKey}`);
});

test("the command line goes before the environment, and that before the file", async () => {
  await setDefault();
  await portcullis(
    ["profile", "set", "work", "--api-key-env", "--identity-url", services.url, "--account", "acct_w"],
    {
      environment: { PORTCULLIS_API_KEY: "pcak_0Work" },
    },
  );
  const sent = () => services.calls.at(-1);
  await portcullis(["account", "get"], { environment: { PORTCULLIS_PROFILE: "work" } });
  expect(sent()?.headers.get("authorization")).toBe("Bearer pcak_0Work");
  expect(sent()?.message).toMatchObject({ accountId: "acct_w" });
  await portcullis(["account", "get", "--profile", "default"], {
    environment: { PORTCULLIS_PROFILE: "work" },
  });
  expect(sent()?.headers.get("authorization")).toBe(`Bearer ${testApiKey}`);
  const environment = { PORTCULLIS_PROFILE: "work", PORTCULLIS_API_KEY: "pcak_0Environment" };
  await portcullis(["account", "get", "--account", "acct_x"], { environment });
  expect(sent()?.headers.get("authorization")).toBe("Bearer pcak_0Environment");
  expect(sent()?.message).toMatchObject({ accountId: "acct_x" });
});

test("what is not given stays as it was", async () => {
  await setDefault();
  await portcullis(["profile", "set", "default", "--account", "acct_2"]);
  expect(JSON.parse(await readFile(file(), "utf8"))).toEqual({
    profiles: { default: { apiKey: testApiKey, identityUrl: services.url, account: "acct_2" } },
  });
  expect(await portcullis(["profile", "set", "default"])).toMatchObject({ code: 2 });
});

test("profiles are listed without their API keys, and removed", async () => {
  await setDefault();
  const listed = await portcullis(["profile", "list"]);
  expect(listed.stdout).toContain(`default  set      -        ${services.url}`);
  const asJson = await portcullis(["profile", "list", "--json"]);
  expect(JSON.parse(asJson.stdout)).toEqual({
    profiles: { default: { hasApiKey: true, identityUrl: services.url } },
  });
  expect(listed.stdout + asJson.stdout).not.toContain(testApiKey);
  expect(await portcullis(["profile", "remove", "default"])).toMatchObject({ code: 0 });
  expect((await portcullis(["profile", "list"])).stdout).toBe("No profiles.\n");
  expect(await portcullis(["profile", "remove", "default"])).toMatchObject({ code: 1 });
});

test("a file that others can read is warned about, and set right when it is written", async () => {
  await setDefault();
  await chmod(file(), 0o644);
  const { code, stderr } = await portcullis(["account", "get"]);
  expect(code).toBe(0);
  expect(stderr).toContain("warning: other users");
  await portcullis(["profile", "set", "default", "--account", "acct_2"]);
  expect((await stat(file())).mode & 0o777).toBe(0o600);
});

test.each([
  [
    '{"profiles": {"default": {"identityUrl": "127.0.0.1:7401"}}}',
    "profiles.default.identityUrl: must be a URL",
  ],
  ['{"profiles": {"default": {"apikey": "pcak_0Hidden"}}}', 'profiles.default: Unrecognized key: "apikey"'],
  ['{"profiles": {"default": {"apiKey": "pcak_0Hidden two"}}}', "profiles.default.apiKey: must be one word"],
  ['{"profiles": {"a b": {}}}', "must be named with letters"],
  ['{"profiles": []}', "profiles: "],
  ['{"profiles": {"default": {"apiKey": "pcak_0Hidden"', "is not JSON"],
])("names what is wrong with the file %s, and tells no secret", async (text, problem) => {
  const path = join(folder, "config.json");
  await writeFile(path, text, { mode: 0o600 });
  const { code, stderr } = await portcullis(["account", "get"], { environment: { PORTCULLIS_CONFIG: path } });
  expect(code).toBe(1);
  expect(stderr).toContain(`error: ${path}`);
  expect(stderr).toContain(problem);
  expect(stderr).not.toContain("Hidden");
});

test("names what is wrong with the environment", async () => {
  const environment = { PORTCULLIS_IDENTITY_URL: "https://me:secret@example.com" };
  const { code, stderr } = await portcullis(["account", "get"], { environment });
  expect(code).toBe(1);
  expect(stderr).toContain("PORTCULLIS_IDENTITY_URL: must be a URL");
  expect(stderr).not.toContain("secret@");
});

test("a profile that is asked for must exist", async () => {
  await setDefault();
  for (const name of ["wrok", "constructor"]) {
    const { code, stderr } = await portcullis(["account", "get", "--profile", name]);
    expect(code).toBe(1);
    expect(stderr).toContain(`no profile ${name}`);
    expect(stderr).toContain("There are: default.");
  }
});

test("a link to the file stays a link", async () => {
  const path = join(folder, "link.json");
  await writeFile(join(folder, "real.json"), '{"profiles": {}}', { mode: 0o600 });
  await symlink(join(folder, "real.json"), path);
  await portcullis(["profile", "set", "a", "--account", "acct_1"], {
    environment: { PORTCULLIS_CONFIG: path },
  });
  expect(await readFile(join(folder, "real.json"), "utf8")).toContain("acct_1");
});

test("wrong values are refused before anything is written", async () => {
  expect(await portcullis(["profile", "set", "a", "--identity-url", "nowhere"])).toMatchObject({ code: 2 });
  expect(await portcullis(["profile", "set", "a b"])).toMatchObject({ code: 2 });
  expect(await portcullis(["profile", "set", "a", "--api-key-env"])).toMatchObject({ code: 2 });
  await expect(stat(file())).rejects.toThrow("ENOENT");
});
