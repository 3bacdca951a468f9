import {
  CheckReason,
  CheckService,
  ObjectAction,
  Obstacle,
  PermissionSourceKind,
  Remedy,
} from "@portcullis/contracts/portcullis/authorization/v1/check_pb.ts";
import {
  VerificationResult,
  VerificationService,
} from "@portcullis/contracts/portcullis/credential/v1/verification_pb.ts";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type AnyService, startAnyService } from "../testing/any-service.ts";
import { runInProcess } from "../testing/run-in-process.ts";

let service: AnyService;
beforeEach(async () => {
  service = await startAnyService();
});
afterEach(() => service.close());

/** Runs a line whose words have no spaces. */
const portcullis = (line: string, stdin = "") => runInProcess(service, line.split(" "), stdin);
const { method } = CheckService;

test("a check may be about an object, whose id may have slashes, or about whoever holds a token", async () => {
  service.answer(method.check, { allowed: false, reason: CheckReason.OBJECT_NOT_ACCESSIBLE });
  const asked = await portcullis("check svc_1 --object shop.order/2026/1 --action modify --account acct_1");
  expect(asked).toMatchObject({ code: 3, stdout: expect.stringContaining("object-not-accessible") });
  await portcullis("check - x.y --source-ip 203.0.113.7", "pcat_0Token\n");
  const [first, second] = service.requestsOf("Check");
  expect(first).toMatchObject({
    subject: { principalId: "svc_1", accountId: "acct_1" },
    object: { objectType: "shop.order", objectId: "2026/1", action: ObjectAction.MODIFY },
  });
  expect(second).toMatchObject({ token: "pcat_0Token", sourceIp: "203.0.113.7", permissionId: "x.y" });
  for (const line of ["check", "check svc_1", "check svc_1 --object none", "check svc_1 x.y --action view"]) {
    expect([line, (await portcullis(line)).code]).toEqual([line, 2]);
  }
});

test("many questions are asked at once; one that is denied makes the answer a refusal", async () => {
  const questions = '# who may\nsvc_1 x.y\n\n"sa::build bot" - dashboard/a modify\nsvc_1 x.z dashboard/b\n';
  const allowed = { allowed: true, reason: CheckReason.ROLE };
  service.answer(method.batchCheck, { results: [allowed, { ...allowed, allowed: false }, allowed] });
  const { code, stdout } = await portcullis("check --batch -", questions);
  expect(code).toBe(3);
  expect(stdout.split("\n").slice(1, 3)).toEqual([
    expect.stringMatching(/^svc_1 +x\.y +yes +role$/),
    expect.stringMatching(/^sa::build bot +- dashboard\/a modify +no +role$/),
  ]);
  expect(service.requestsOf("BatchCheck")[0]).toMatchObject({
    items: [
      { principalId: "svc_1", permissionId: "x.y" },
      { principalId: "a-service-user-id", permissionId: "", object: { action: ObjectAction.MODIFY } },
      { principalId: "svc_1", permissionId: "x.z", object: { objectId: "b", action: ObjectAction.VIEW } },
    ],
  });
  service.answer(method.batchCheck, { results: [allowed] });
  expect((await portcullis("check --batch -", "svc_1 x.y")).code).toBe(0);
  for (const [line, text] of [
    ["svc_1", "Line 1 is no question"],
    ["svc_1 x.y\nsvc_1 -", "Line 2 is no question"],
    ["svc_1 - dashboard/a shout", "view, modify"],
    ["", "no questions"],
  ] as const) {
    expect((await portcullis("check --batch -", line)).stderr).toContain(text);
  }
});

test("an explanation ends with the command that would help", async () => {
  service.answer(method.explain, {
    reason: CheckReason.NOT_GRANTED,
    obstacle: Obstacle.NOT_GRANTED,
    remedy: Remedy.GRANT_PERMISSION,
    permissionId: "x.y",
  });
  const { stdout } = await portcullis("explain svc_1 x.y");
  expect(stdout).toMatch(/^In the way: +not-granted$/m);
  const [, help = ""] = /^What would help: +portcullis (.*)$/m.exec(stdout) ?? [];
  expect((await portcullis(help)).code).toBe(0);
  expect(service.requestsOf("GrantPermissions")[0]).toMatchObject({
    principalIds: ["svc_1"],
    permissionIds: ["x.y"],
  });
});

test("what is held is told with each way that it comes", async () => {
  service.answer(method.listPermissions, {
    permissions: [
      {
        permissionId: "x.y",
        sources: [
          { kind: PermissionSourceKind.DIRECT },
          { kind: PermissionSourceKind.GROUP, groupId: "grp_1", roleId: "role_1" },
        ],
      },
    ],
  });
  const { stdout } = await portcullis("list-permissions svc_1");
  expect(stdout.split("\n")[1]).toMatch(/^x\.y +direct; group grp_1 by role role_1$/);
});

test("a list of objects ends where it was asked to, and says that there are more", async () => {
  service.answer(method.listObjects, { objectIds: ["a", "b", "c"], evaluatedRevision: 7n });
  const some = await portcullis("list-objects svc_1 dashboard --limit 2");
  expect([some.stdout, some.stderr]).toEqual(["ID\na\nb\n", expect.stringContaining("--all")]);
  const all = await portcullis("list-objects svc_1 dashboard --all --json");
  expect(JSON.parse(all.stdout)).toEqual({ objectIds: ["a", "b", "c"], evaluatedRevision: "7" });
});

test("several tokens are verified at once; one that is refused makes the answer a refusal", async () => {
  const valid = { result: VerificationResult.VALID };
  service.answer(VerificationService.method.batchVerifyTokens, {
    verifications: [valid, { result: VerificationResult.REVOKED }],
  });
  const { code, stdout } = await portcullis("verify tokens", "pcat_0A\n\npcat_0B\n");
  expect([code, stdout]).toEqual([3, expect.stringMatching(/^2 +revoked/m)]);
  expect(stdout).not.toContain("pcat_");
  expect(service.requestsOf("BatchVerifyTokens")[0]).toMatchObject({
    requests: [{ token: "pcat_0A" }, { token: "pcat_0B" }],
  });
});
