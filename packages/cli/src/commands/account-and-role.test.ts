import { afterAll, beforeAll, expect, test } from "vitest";
import { environmentFor } from "../testing/environment.ts";
import { type FakeServices, startFakeServices } from "../testing/fake-services.ts";
import { runCli } from "../testing/run-cli.ts";

let services: FakeServices;
beforeAll(async () => {
  services = await startFakeServices();
});
afterAll(() => services.close());

const portcullis = (...args: string[]) => runCli(args, { environment: environmentFor(services) });

test("shows one's own account, that of --account, and a named one", async () => {
  expect((await portcullis("account", "get")).stdout).toMatch(/^ID: +acct_own$/m);
  expect((await portcullis("account", "get", "--account", "acct_2")).stdout).toMatch(/^ID: +acct_2$/m);
  expect((await portcullis("account", "get", "acct_3", "--account", "acct_2")).stdout).toMatch(
    /^ID: +acct_3$/m,
  );
});

test("suspends an account, tells beforehand what would stop working, and restores it", async () => {
  const dryRun = await portcullis("account", "suspend", "acct_2", "--dry-run");
  expect(dryRun.stdout).toMatch(/^Would stop working: +3 api keys$/m);
  expect(dryRun.stderr).toContain("nothing was changed");
  const suspended = await portcullis("account", "suspend", "acct_2");
  expect(suspended.stdout).toMatch(/^State: +suspended$/m);
  expect(suspended.stdout).not.toContain("Would stop working");
  expect((await portcullis("account", "restore", "acct_2")).stdout).toMatch(/^State: +active$/m);
});

test("creates, lists and renames accounts", async () => {
  expect((await portcullis("account", "create", "New One")).stdout).toMatch(/^Name: +New One$/m);
  expect((await portcullis("account", "list")).stdout).toContain("acct_own  Own   2026-01-02T03:04:05Z");
  expect((await portcullis("account", "update", "acct_2", "--display-name", "X")).stdout).toMatch(
    /^Name: +X$/m,
  );
  expect(services.callsOf("UpdateAccount")[0]?.message).toMatchObject({
    updateMask: { paths: ["display_name"] },
  });
});

test("lists roles", async () => {
  const { stdout } = await portcullis("role", "list");
  expect(stdout.split("\n")[1]).toBe(
    "administrator  Administrator  administrator  identity.account.read, identity.account.update",
  );
});

test("gives, lists and takes roles", async () => {
  const given = await portcullis("role-binding", "create", "user_1", "administrator");
  expect(given.stdout.split("\n")[1]).toBe("user_1     administrator  2026-01-02T03:04:05Z");
  expect(services.callsOf("CreateRoleBinding")[0]?.message["requestId"]).toMatch(/^[0-9a-f-]{36}$/);
  const listed = await portcullis("role-binding", "list", "--principal", "user_2", "--json");
  expect(JSON.parse(listed.stdout).roleBindings).toMatchObject([
    { principalId: "user_2", roleId: "administrator" },
  ]);
  const taken = await portcullis("role-binding", "delete", "user_1", "administrator");
  expect(taken.stdout).toBe("user_1 no longer holds administrator.\n");
});
