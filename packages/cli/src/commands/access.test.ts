import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ObjectAction } from "@portcullis/contracts/portcullis/authorization/v1/check_pb.ts";
import { ObjectService } from "@portcullis/contracts/portcullis/authorization/v1/object_pb.ts";
import { ReceiptService } from "@portcullis/contracts/portcullis/common/v1/receipt_service_pb.ts";
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

test("an update changes what is given and nothing else", async () => {
  await portcullis("role update role_1 --clear-permissions --etag 7");
  await portcullis("policy update --service-users scoped --default-group grp_1");
  await portcullis("account update acct_1 --no-require-mfa");
  expect(service.requestsOf("UpdateRole")[0]).toMatchObject({
    updateMask: { paths: ["permission_ids"] },
    permissionIds: [],
    etag: "7",
  });
  expect(service.requestsOf("UpdateAccountPolicy")[0]).toMatchObject({
    updateMask: { paths: ["service_user_policy", "default_group_ids"] },
    serviceUserPolicy: 2,
    defaultGroupIds: ["grp_1"],
  });
  expect(service.requestsOf("UpdateAccount")[0]).toMatchObject({
    updateMask: { paths: ["mfa_required"] },
    mfaRequired: false,
  });
  for (const line of ["role update role_1", "policy update", "group update grp_1"]) {
    expect(await portcullis(line)).toMatchObject({ code: 2 });
  }
});

test("a dry run of a deletion changes nothing, and needs no consent", async () => {
  const { code, stdout, stderr } = await portcullis("account delete acct_1 --dry-run");
  expect([code, stdout]).toEqual([0, expect.stringMatching(/^Would stop working: +1 a-kind$/m)]);
  expect(stderr).toContain("nothing was changed");
  expect(service.requestsOf("DeleteAccount")).toMatchObject([{ validateOnly: true, requestId: "" }]);
});

test("what takes access away keeps its receipt, and says how it is in force", async () => {
  const folder = await mkdtemp(join(tmpdir(), "portcullis-receipts-"));
  const file = join(folder, "revoked.json");
  const { stdout } = await portcullis(`permission revoke x.y --from svc_1 --receipt ${file}`);
  expect(stdout).toMatch(/^svc_1: x\.y revoked\. In force since 2026-01-02T03:04:05\.678Z on 1 replica/);
  expect(JSON.parse(await readFile(file, "utf8"))).toHaveProperty("statementBytes");
  await rm(folder, { recursive: true });
});

test("objects are opened and closed to whoever is named; everyone is a group", async () => {
  await portcullis("object share dashboard a b --to everyone --to svc_1 --action modify");
  await portcullis("object set-access dashboard a --view everyone --modify grp_1");
  await portcullis("object set-access dashboard a --nobody");
  expect(service.requestsOf("ShareObjects")[0]).toMatchObject({
    objectIds: ["a", "b"],
    holderIds: ["grp_everyone", "svc_1"],
    action: ObjectAction.MODIFY,
  });
  const [opened, closed] = service.requestsOf("SetObjectAccess");
  expect(opened).toMatchObject({
    entries: [
      { holderId: "grp_everyone", action: ObjectAction.VIEW },
      { holderId: "grp_1", action: ObjectAction.MODIFY },
    ],
  });
  expect(closed).toMatchObject({ entries: [] });
  expect(await portcullis("object set-access dashboard a")).toMatchObject({ code: 2 });
  service.answer(ObjectService.method.getObjectAccess, {
    access: {
      object: { objectType: "dashboard", objectId: "a/b" },
      entries: [{ holderId: "svc_1", action: ObjectAction.MODIFY }],
    },
  });
  const { stdout } = await portcullis("object access dashboard a/b");
  expect(stdout).toMatch(/^Object: +dashboard\/a\/b\n.*\nMay view: +-\nMay modify: +svc_1$/m);
});

test("the keys of receipts are asked for by issuer, and none speaks for another", async () => {
  const key = (issuer: string) => ({ issuer, keyId: `of-${issuer}`, publicKey: new Uint8Array(32) });
  service.answer(ReceiptService.method.listReceiptKeys, { keys: [key("identity"), key("credential")] });
  const { stdout } = await portcullis("receipt keys --json");
  const { keys } = JSON.parse(stdout);
  expect(keys.map(({ issuer, keyId }: Record<string, string>) => [issuer, keyId])).toEqual([
    ["identity", "of-identity"],
    ["credential", "of-credential"],
  ]);
  expect(service.requestsOf("ListReceiptKeys").map((request) => request["issuer"])).toEqual([
    "identity",
    "authorization",
    "credential",
  ]);
});
