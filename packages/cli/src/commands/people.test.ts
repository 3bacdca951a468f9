import {
  InvitationResult,
  InvitationService,
} from "@portcullis/contracts/portcullis/identity/v1/invitation_pb.ts";
import { MembershipService } from "@portcullis/contracts/portcullis/identity/v1/membership_pb.ts";
import { SignInService } from "@portcullis/contracts/portcullis/identity/v1/sign_in_pb.ts";
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
const { listMemberships } = MembershipService.method;
const ann = { principalId: "user_ann", userId: "user_person", email: "ann@example.com", accountId: "acct_1" };

test("a member is named by e-mail address wherever an id is asked for", async () => {
  service.answer(listMemberships, { memberships: [ann] });
  await portcullis("member disable Ann@example.com --account acct_1");
  await portcullis("role-binding create ann@example.com administrator");
  await portcullis("credential list --owner ann@example.com");
  await portcullis("group add-members grp_1 ann@example.com svc_1");
  expect(service.requestsOf("ListMemberships")[0]).toMatchObject({
    accountId: "acct_1",
    filter: { email: "Ann@example.com" },
  });
  expect(service.requestsOf("DisableMembership")[0]).toMatchObject({ principalId: "user_ann" });
  expect(service.requestsOf("CreateRoleBinding")[0]).toMatchObject({ principalId: "user_ann" });
  expect(service.requestsOf("ListCredentials")[0]).toMatchObject({ filter: { ownerId: "user_ann" } });
  expect(service.requestsOf("AddGroupMembers")[0]).toMatchObject({ principalIds: ["user_ann", "svc_1"] });
});

test("where a person is asked for, the address stands for the person and not for the member", async () => {
  service.answer(listMemberships, { memberships: [ann] });
  await portcullis("super-admin add ann@example.com");
  await portcullis("session end-everywhere ann@example.com");
  expect(service.requestsOf("AddSuperAdmin")[0]).toMatchObject({ userId: "user_person" });
  expect(service.requestsOf("EndUserSessions")[0]).toMatchObject({ userId: "user_person" });
});

test("an address that no member has is told so, and nothing is changed", async () => {
  service.answer(listMemberships, {});
  const { code, stderr } = await portcullis("member remove bob@example.com --yes");
  expect(code).toBe(1);
  expect(stderr).toContain("No member of the account has the address bob@example.com. [PRINCIPAL_NOT_FOUND]");
  expect(stderr).toContain("portcullis member list");
  expect(service.requestsOf("RemoveMembership")).toEqual([]);
});

test("a service user whose name looks like an e-mail address is one all the same", async () => {
  await portcullis("permission held sa::bot@example.com");
  expect(service.requestsOf("GetServiceUser")[0]).toMatchObject({ serviceUserId: "sa::bot@example.com" });
  expect(service.requestsOf("ListMemberships")).toEqual([]);
});

test("a list of several pages is one answer", async () => {
  const page = (id: string, nextPageToken: string) => ({
    memberships: [{ ...ann, principalId: id }],
    nextPageToken,
  });
  service.answer(listMemberships, page("user_1", "a"), page("user_2", "b"), page("user_3", ""));
  const { stdout } = await portcullis("member list --all --json");
  const { memberships, nextPageToken } = JSON.parse(stdout);
  expect([memberships.map((one: { principalId: string }) => one.principalId), nextPageToken]).toEqual([
    ["user_1", "user_2", "user_3"],
    "",
  ]);
});

test("all values of a membership are set at once, and a forgotten one is told", async () => {
  await portcullis("member set-roles user_1 --developer read-only --team read-only --billing access");
  expect(service.requestsOf("SetMemberRoles")[0]).toMatchObject({
    roles: { developer: 2, team: 3, billing: 1, administrator: false },
  });
  const { code, stderr } = await portcullis("member set-roles user_1 --developer read-only");
  expect(code).toBe(2);
  expect(stderr).toContain("--team");
});

test("invitations give what is asked for; one that could not be sent makes the answer a refusal", async () => {
  const { createInvitations } = InvitationService.method;
  service.answer(createInvitations, { outcomes: [{ email: "a@b.c", result: InvitationResult.CREATED }] });
  const line = "invitation create a@b.c --developer read-only --group grp_1 --group grp_2 --permission x.y";
  expect((await portcullis(line)).code).toBe(0);
  expect(service.requestsOf("CreateInvitations")[0]).toMatchObject({
    emails: ["a@b.c"],
    grants: { developer: 2, team: 0, billing: 0, groupIds: ["grp_1", "grp_2"], permissionIds: ["x.y"] },
  });
  service.answer(createInvitations, {
    outcomes: [
      { email: "a@b.c", result: InvitationResult.CREATED },
      { email: "d@e.f", result: InvitationResult.NO_SEAT },
    ],
  });
  const { code, stdout } = await portcullis("invitation create a@b.c d@e.f");
  expect([code, stdout]).toEqual([3, expect.stringMatching(/d@e\.f +no-seat/)]);
});

test("what can't be undone asks first, and without anybody to ask wants --yes", async () => {
  for (const line of ["member remove user_1", "me leave", "me delete", "account delete acct_1"]) {
    const { code, stderr } = await portcullis(line);
    expect([line, code, stderr]).toEqual([line, 2, expect.stringContaining("--yes")]);
  }
  expect(service.received).toEqual([]);
});

test("passwords come on standard input, a line each, as they are", async () => {
  await portcullis("me change-password", " old one \r\nnew  one\r\n");
  expect(service.requestsOf("ChangePassword")[0]).toMatchObject({
    currentPassword: " old one ",
    newPassword: "new  one",
  });
  const missing = await portcullis("me change-password", "old one\n");
  expect(missing).toMatchObject({ code: 2, stdout: "" });
  expect(missing.stderr).toContain("There was no new password on standard input.");
  expect(missing.stderr).toContain("the current password, the new password");
  expect(missing.stderr).not.toContain("old one");
});

test("who signs in needs no API key, and gets the session's token alone on standard output", async () => {
  service.answer(SignInService.method.signIn, { token: "pcse_0Token", accountId: "acct_1" });
  const signedIn = await portcullis("person sign-in ann@example.com --code", "a password\n123456\n");
  expect(signedIn).toMatchObject({ code: 0, stdout: "pcse_0Token\n" });
  expect(service.requestsOf("SignIn")[0]).toMatchObject({ password: "a password", code: "123456" });
  const asJson = await portcullis("person sign-in ann@example.com --json", "a password\n");
  expect(JSON.parse(asJson.stdout)).toMatchObject({ token: "pcse_0Token" });
});
