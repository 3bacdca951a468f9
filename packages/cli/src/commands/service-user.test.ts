import { Code } from "@connectrpc/connect";
import { afterEach, beforeEach, expect, test } from "vitest";
import { environmentFor } from "../testing/environment.ts";
import { type FakeServices, startFakeServices, wireError } from "../testing/fake-services.ts";
import { runCli } from "../testing/run-cli.ts";

let services: FakeServices;
beforeEach(async () => {
  services = await startFakeServices();
});
afterEach(() => services.close());

const portcullis = (...args: string[]) => runCli(args, { environment: environmentFor(services) });

test("creates, shows and lists", async () => {
  const created = await portcullis("service-user", "create", "Build Bot", "--description", "builds");
  expect(created).toMatchObject({ code: 0, stderr: "" });
  expect(created.stdout).toMatch(/^ID: +svc_1\nName: +Build Bot\nAddress: +sa::build bot\nState: +active\n/);
  await portcullis("service-user", "create", "other");

  const listed = await portcullis("service-user", "list");
  expect(listed.stdout).toBe(
    [
      "ID     NAME       STATE   CREATED               DESCRIPTION",
      "svc_2  other      active  2026-01-02T03:04:05Z  -",
      "svc_1  Build Bot  active  2026-01-02T03:04:05Z  builds",
      "",
    ].join("\n"),
  );
  const shown = await portcullis("service-user", "get", "sa::Build Bot", "--json");
  expect(JSON.parse(shown.stdout)).toMatchObject({
    serviceUser: {
      serviceUserId: "svc_1",
      state: "SERVICE_USER_STATE_ACTIVE",
      createTime: "2026-01-02T03:04:05.678Z",
    },
  });
});

test("sends the filter, and --account with every request", async () => {
  const command = "service-user list --account acct_x --name-prefix b --state active --state locked";
  await portcullis(...command.split(" "));
  expect(services.callsOf("ListServiceUsers")[0]?.message).toMatchObject({
    accountId: "acct_x",
    filter: { states: [1, 3], namePrefix: "b" },
  });
});

test("a list reads so many pages as it was asked for, and says that there is more", async () => {
  for (const name of ["a", "b", "c"]) await portcullis("service-user", "create", name);
  const some = await portcullis("service-user", "list", "--limit", "2");
  expect(some.stdout.trim().split("\n")).toHaveLength(3);
  expect(some.stderr).toContain("--all");
  const asJson = await portcullis("service-user", "list", "--limit", "2", "--json");
  expect(JSON.parse(asJson.stdout)).toMatchObject({ nextPageToken: "2" });
  expect(asJson.stderr).toBe("");
  const all = await portcullis("service-user", "list", "--all", "--json");
  expect(JSON.parse(all.stdout).serviceUsers).toHaveLength(3);
});

test("an update changes what is given and nothing else", async () => {
  await portcullis("service-user", "create", "bot", "--description", "old");
  const updated = await portcullis("service-user", "update", "svc_1", "--description", "", "--etag", "1");
  expect(updated.code).toBe(0);
  expect(services.callsOf("UpdateServiceUser")[0]?.message).toMatchObject({
    updateMask: { paths: ["description"] },
    description: "",
    etag: "1",
  });
  expect(await portcullis("service-user", "update", "svc_1")).toMatchObject({ code: 2 });
});

test.each([
  ["deactivate", "inactive"],
  ["activate", "active"],
  ["lock", "locked"],
  ["unlock", "active"],
])("%s makes it %s", async (verb, state) => {
  await portcullis("service-user", "create", "bot");
  const { code, stdout } = await portcullis("service-user", verb, "sa::bot");
  expect(code).toBe(0);
  expect(stdout).toMatch(new RegExp(`^State: +${state}$`, "m"));
});

test("a dry run tells what would stop working, and is no change", async () => {
  await portcullis("service-user", "create", "bot");
  const { code, stdout, stderr } = await portcullis("service-user", "deactivate", "svc_1", "--dry-run");
  expect(code).toBe(0);
  expect(stdout).toMatch(/^Would stop working: +2 api keys$/m);
  expect(stderr).toContain("nothing was changed");
  expect(services.callsOf("DeactivateServiceUser")[0]?.message).toMatchObject({
    validateOnly: true,
    requestId: "",
  });
});

test("delete asks for consent, and without anybody to ask for --yes", async () => {
  await portcullis("service-user", "create", "bot");
  const refused = await portcullis("service-user", "delete", "svc_1");
  expect(refused).toMatchObject({ code: 2, stdout: "" });
  expect(refused.stderr).toContain("--yes");
  expect(services.callsOf("DeleteServiceUser")).toHaveLength(0);
  const deleted = await portcullis("service-user", "delete", "svc_1", "--yes");
  expect(deleted.stdout).toMatch(/^State: +deleted$/m);
});

test("a change whose outcome is unsettled is repeated with the same request id", async () => {
  await portcullis("service-user", "create", "bot");
  services.failNext(
    "DeactivateServiceUser",
    wireError(
      Code.Unavailable,
      "ENFORCEMENT_PENDING",
      "The change is committed, but not confirmed everywhere.",
    ),
    "break",
    wireError(Code.DeadlineExceeded, "DEADLINE_EXCEEDED", "too long"),
  );
  expect((await portcullis("service-user", "deactivate", "svc_1")).code).toBe(0);
  const calls = services.callsOf("DeactivateServiceUser");
  expect(calls).toHaveLength(4);
  const ids = new Set(calls.map(({ message }) => message["requestId"]));
  expect(ids.size).toBe(1);
  expect([...ids][0]).toMatch(/^[0-9a-f-]{36}$/);
  expect(calls[0]?.headers.get("x-request-id")).toBe([...ids][0]);
});

test("two runs are two requests, unless the second is told to repeat the first", async () => {
  await portcullis("service-user", "create", "a");
  await portcullis("service-user", "create", "a", "--request-id", "mine-1");
  const [first, second] = services.callsOf("CreateServiceUser").map(({ message }) => message["requestId"]);
  expect(first).not.toBe(second);
  expect(second).toBe("mine-1");
});

test("a change that is not confirmed in time is told to be committed, and how to go on", async () => {
  await portcullis("service-user", "create", "bot");
  const pending = wireError(Code.Unavailable, "ENFORCEMENT_PENDING", "Not every service has confirmed it.");
  services.failNext("DeactivateServiceUser", ...Array.from({ length: 9 }, () => pending));
  const { code, stdout, stderr } = await portcullis("service-user", "deactivate", "svc_1", "--timeout", "2");
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  const id = services.callsOf("DeactivateServiceUser")[0]?.message["requestId"];
  expect(stderr).toContain("error: Not every service has confirmed it. [ENFORCEMENT_PENDING]");
  expect(stderr).toContain("is committed and goes on being delivered");
  expect(stderr).toContain(`--request-id ${String(id)}`);
});

test("a change that hangs ends in time, with its fate told as unknown", async () => {
  services.failNext("CreateServiceUser", "hang", "hang", "hang", "hang", "hang");
  const { code, stderr } = await portcullis("service-user", "create", "bot", "--timeout", "2.5");
  expect(code).toBe(1);
  expect(stderr).toContain("did not answer in time");
  expect(stderr).toContain("it is made once at most");
  expect(services.callsOf("CreateServiceUser").length).toBeGreaterThan(1);
});
