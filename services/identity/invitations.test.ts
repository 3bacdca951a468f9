import {
  DeveloperRole,
  InvitationResult as Result,
  InvitationState as State,
  TeamRole,
} from "@portcullis/contracts/portcullis/identity/v1/invitation_pb.ts";
import { reasonOf } from "@portcullis/service";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { as, startTestIdentity, type TestIdentity } from "./testing/start-identity.ts";

const password = "a long enough password";
const dayMs = 24 * 3_600_000;

let identity: TestIdentity;
beforeAll(async () => {
  identity = await startTestIdentity();
});
afterAll(() => identity[Symbol.asyncDispose]());
beforeEach(() => identity.forgetAttempts());

const reason = (call: Promise<unknown>) =>
  call.then(
    () => "ok",
    (error: unknown) => reasonOf(error),
  );

let people = 0;
const newAddress = () => `guest-${++people}@example.com`;
async function invite(email: string, options = as("admin")) {
  const { outcomes } = await identity.invitations.createInvitations({ emails: [email] }, options);
  await identity.sendMails();
  return { invitationId: outcomes[0]?.invitationId ?? "", token: identity.mailer.tokenTo(email) };
}
/** Somebody who has signed up and verified the address. */
async function person(email = newAddress()) {
  await identity.users.signUp({ email, password, accountDisplayName: "Own" });
  await identity.sendMails();
  await identity.users.verifyEmail({ token: identity.mailer.tokenTo(email) });
  const { token, userId } = await identity.signIns.signIn({ email, password });
  return { email, userId, options: as(token) };
}
/** An account of the plan, as the operator makes it. */
async function accountOn(plan: string, seats?: number): Promise<string> {
  const { account } = await identity.accounts.createAccount({ displayName: plan }, as("root"));
  const accountId = account?.accountId ?? "";
  const { db } = identity.database;
  if (seats !== undefined) {
    await db.insertInto("plans").values({ plan_id: plan, feature: "seats", max_count: seats }).execute();
  }
  await db.updateTable("accounts").set({ plan_id: plan }).where("id", "=", accountId).execute();
  return accountId;
}

describe("an invitation", () => {
  test("is accepted by who has signed in with its address, and gives what it carries", async () => {
    const guest = await person();
    const request = {
      emails: [guest.email.toUpperCase()],
      grants: { team: TeamRole.MANAGER, groupIds: ["grp_1"], permissionIds: ["a.b"] },
    };
    await identity.invitations.createInvitations(request, as("admin"));
    await identity.sendMails();
    const token = identity.mailer.tokenTo(guest.email.toUpperCase());
    expect(await identity.invitations.previewInvitation({ token })).toMatchObject({
      accountDisplayName: "Acme",
      email: guest.email.toUpperCase(),
    });
    const accept = () => identity.invitations.acceptInvitation({ token, requestId: "a-1" }, guest.options);
    const { accountId, principalId } = await accept();
    expect(await accept()).toMatchObject({ accountId, principalId });
    expect(accountId).toBe(identity.acme);
    expect(identity.credential.stateOf(principalId)).toBe("active");
    expect(
      identity.authorization
        .grantsOf(principalId)
        .map(({ targetId }) => targetId)
        .toSorted(),
    ).toEqual(["a.b", "billing_none", "developer_read_write", "grp_1", "team_manager"]);
    const { memberships } = await identity.memberships.listOwnMemberships({}, guest.options);
    expect(memberships).toHaveLength(2);
  });

  test("is for its address alone, and goes on working for it", async () => {
    const [guest, thief] = [await person(), await person()];
    const { token } = await invite(guest.email);
    const accept = (options: typeof guest.options) =>
      reason(identity.invitations.acceptInvitation({ token }, options));
    expect(await accept(thief.options)).toBe("INVITATION_EMAIL_MISMATCH");
    expect(await accept(guest.options)).toBe("ok");
    expect(await accept(guest.options)).toBe("LINK_INVALID");
  });

  test("accepted twice at once makes one member", async () => {
    const guest = await person();
    const { token } = await invite(guest.email);
    const answers = await Promise.all(
      [1, 2].map(() => reason(identity.invitations.acceptInvitation({ token }, guest.options))),
    );
    expect(answers.toSorted()).toEqual(["LINK_INVALID", "ok"]);
    const rows = await identity.database.db
      .selectFrom("memberships")
      .selectAll()
      .where("account_id", "=", identity.acme)
      .where("user_id", "=", guest.userId)
      .execute();
    expect(rows).toHaveLength(1);
  });

  test("lets who has no user sign up into the account, with no mail in between", async () => {
    const email = newAddress();
    const { token: invitationToken } = await invite(email);
    const signUp = (address: string) =>
      reason(identity.users.signUp({ email: address, password, invitationToken }));
    expect(await signUp(newAddress())).toBe("INVITATION_EMAIL_MISMATCH");
    expect(await signUp(email)).toBe("ok");
    const { accountId } = await identity.signIns.signIn({ email, password });
    expect(accountId).toBe(identity.acme);
    expect(await signUp(email)).toBe("LINK_INVALID");
  });

  test("tells who signs up with it, and has a user, to sign in; nobody else learns that", async () => {
    const guest = await person();
    const { token: invitationToken } = await invite(guest.email);
    const signUp = (token: string) =>
      reason(identity.users.signUp({ email: guest.email, password, invitationToken: token }));
    expect(await signUp(invitationToken)).toBe("EMAIL_TAKEN");
    expect(await signUp("some other token")).toBe("LINK_INVALID");
  });

  test("lets who is in no account sign in to it, as a new principal", async () => {
    const email = newAddress();
    const first = await invite(email);
    await identity.users.signUp({ email, password, invitationToken: first.token });
    const { principalId } = await identity.signIns.signIn({ email, password });
    await person();
    await invite(newAddress());
    await identity.memberships
      .removeMembership({ principalId }, as("root"))
      .catch((error: unknown) => expect(reasonOf(error)).toBe("none"));
    expect(await reason(identity.signIns.signIn({ email, password }))).toBe("NO_ACTIVE_MEMBERSHIP");
    const second = await invite(email);
    const wrong = identity.signIns.signIn({ email, password: "wrong", invitationToken: second.token });
    expect(await reason(wrong)).toBe("SIGN_IN_REFUSED");
    const back = await identity.signIns.signIn({ email, password, invitationToken: second.token });
    expect(back.accountId).toBe(identity.acme);
    expect(back.principalId).not.toBe(principalId);
  });

  test("is open for a day; sent again, it is for another, by the new link only", async () => {
    const guest = await person();
    const { invitationId, token } = await invite(guest.email);
    identity.advance(dayMs);
    expect(await reason(identity.invitations.acceptInvitation({ token }, guest.options))).toBe(
      "LINK_INVALID",
    );
    const resent = await identity.invitations.resendInvitation({ invitationId }, as("admin"));
    expect(resent.invitation?.state).toBe(State.OPEN);
    await identity.sendMails();
    const fresh = identity.mailer.tokenTo(guest.email);
    expect(fresh).not.toBe(token);
    expect(await reason(identity.invitations.acceptInvitation({ token: fresh }, guest.options))).toBe("ok");
  });

  test("that was changed gives what it was changed to, by the link that was sent", async () => {
    const guest = await person();
    const { invitationId, token } = await invite(guest.email);
    const changed = await identity.invitations.updateInvitation(
      { invitationId, grants: { developer: DeveloperRole.READ_ONLY, permissionIds: ["a.b"] } },
      as("admin"),
    );
    const expected = [
      "role:developer_read_only",
      "role:team_read_only",
      "role:billing_none",
      "permission:a.b",
    ];
    expect(changed.invitation?.grants).toEqual(expected);
    const filter = { email: guest.email.toUpperCase() };
    const found = await identity.invitations.listInvitations({ filter, withTotalSize: true }, as("admin"));
    expect([found.invitations, found.totalSize]).toEqual([[changed.invitation], 1n]);
    const { principalId } = await identity.invitations.acceptInvitation({ token }, guest.options);
    const { memberships, totalSize } = await identity.memberships.listMemberships(
      { filter: { emailContains: guest.email.slice(1, -3) }, withTotalSize: true },
      as("admin"),
    );
    expect([memberships.map((one) => one.principalId), totalSize]).toEqual([[principalId], 1n]);
    const byId = await identity.memberships.listMemberships(
      { filter: { principalIds: [principalId] } },
      as("admin"),
    );
    expect(byId.memberships).toEqual(memberships);
    const gone = identity.invitations.updateInvitation({ invitationId, grants: {} }, as("admin"));
    expect(await reason(gone)).toBe("INVITATION_NOT_FOUND");
  });

  test("that was taken back no longer works, nor does one whose mail is still to be sent", async () => {
    const guest = await person();
    const { invitationId, token } = await invite(guest.email);
    const before = identity.mailer.to(guest.email).length;
    await identity.invitations.resendInvitation({ invitationId }, as("admin"));
    const { invitation } = await identity.invitations.revokeInvitation({ invitationId }, as("admin"));
    expect(invitation?.state).toBe(State.REVOKED);
    await identity.sendMails();
    expect(identity.mailer.to(guest.email)).toHaveLength(before);
    expect(await reason(identity.invitations.acceptInvitation({ token }, guest.options))).toBe(
      "LINK_INVALID",
    );
    const again = identity.invitations.revokeInvitation({ invitationId }, as("admin"));
    expect(await reason(again)).toBe("INVITATION_NOT_FOUND");
    const foreign = identity.invitations.revokeInvitation(
      { invitationId: (await invite(newAddress())).invitationId },
      as("stranger"),
    );
    expect(await reason(foreign)).toBe("INVITATION_NOT_FOUND");
  });
});

describe("a batch", () => {
  test("tells of each address, and a repeat tells the same", async () => {
    const member = await person();
    const { token } = await invite(member.email);
    await identity.invitations.acceptInvitation({ token }, member.options);
    const [fresh, open] = [newAddress(), newAddress()];
    await invite(open);
    const request = {
      emails: [fresh, "no address", "a@b.c, d@e.f", member.email, open, ` ${fresh.toUpperCase()} `],
      requestId: "batch-1",
    };
    const first = await identity.invitations.createInvitations(request, as("admin"));
    expect(first.outcomes.map(({ result }) => result)).toEqual([
      Result.CREATED,
      Result.INVALID_ADDRESS,
      Result.INVALID_ADDRESS,
      Result.ALREADY_MEMBER,
      Result.ALREADY_INVITED,
      Result.ALREADY_INVITED,
    ]);
    expect(await identity.invitations.createInvitations(request, as("admin"))).toEqual(first);
    await identity.sendMails();
    expect(identity.mailer.to(fresh)).toHaveLength(1);
    const { invitations } = await identity.invitations.listInvitations({ pageSize: 500 }, as("admin"));
    const ids = invitations.map(({ invitationId }) => invitationId);
    expect(ids).toEqual(ids.toSorted().toReversed());
    expect(ids).toContain(first.outcomes[0]?.invitationId);
  });

  test("stops where the plan's seats end, and an invitation past its time takes none", async () => {
    const accountId = await accountOn("three seats", 3);
    const send = async (...emails: string[]) => {
      const { outcomes } = await identity.invitations.createInvitations({ accountId, emails }, as("root"));
      return outcomes.map(({ result }) => result);
    };
    const emails = [newAddress(), newAddress(), newAddress(), newAddress()];
    expect(await send(...emails)).toEqual([Result.CREATED, Result.CREATED, Result.CREATED, Result.NO_SEAT]);
    identity.advance(dayMs);
    expect(await send(emails[3] ?? "", emails[0] ?? "")).toEqual([Result.CREATED, Result.CREATED]);
  });

  test("and another at the same time do not take one seat twice", async () => {
    const accountId = await accountOn("one seat", 1);
    const answers = await Promise.all(
      [newAddress(), newAddress()].map((email) =>
        identity.invitations.createInvitations({ accountId, emails: [email] }, as("root")),
      ),
    );
    const results = answers.map(({ outcomes }) => outcomes[0]?.result);
    expect(results.toSorted()).toEqual([Result.CREATED, Result.NO_SEAT].toSorted());
  });

  test("a disabled member has no seat, and is enabled only if there is one", async () => {
    const accountId = await accountOn("two seats", 2);
    const [one, two] = [await person(), await person()];
    for (const guest of [one, two]) {
      await identity.invitations.createInvitations({ accountId, emails: [guest.email] }, as("root"));
      await identity.sendMails();
      const token = identity.mailer.tokenTo(guest.email);
      await identity.invitations.acceptInvitation({ token }, guest.options);
    }
    const { memberships } = await identity.memberships.listMemberships({ accountId }, as("root"));
    const principalId = memberships[0]?.principalId ?? "";
    await identity.memberships.disableMembership({ accountId, principalId }, as("root"));
    const third = newAddress();
    await identity.invitations.createInvitations({ accountId, emails: [third] }, as("root"));
    const enable = () =>
      reason(identity.memberships.enableMembership({ accountId, principalId }, as("root")));
    expect(await enable()).toBe("SEAT_LIMIT_REACHED");
    const { invitations } = await identity.invitations.listInvitations({ accountId }, as("root"));
    const invitationId = invitations[0]?.invitationId ?? "";
    await identity.invitations.revokeInvitation({ accountId, invitationId }, as("root"));
    expect(await enable()).toBe("ok");
  });
});

describe("nobody gives more than they have", () => {
  test.each([
    ["administrator", { administrator: true }],
    ["a manager", { team: TeamRole.MANAGER }],
    ["a role of the account's own", { roleIds: ["role_x"] }],
    ["a group", { groupIds: ["grp_x"] }],
    ["a permission", { permissionIds: ["a.b"] }],
  ])("who may only invite can't make somebody %s", async (_name, grants) => {
    const send = (options: ReturnType<typeof as>) =>
      reason(identity.invitations.createInvitations({ emails: [newAddress()], grants }, options));
    expect(await send(as("inviter"))).toBe("GRANT_ABOVE_OWN_LEVEL");
    expect(await send(as("admin"))).toBe("ok");
  });

  test("nor send again what another one has given", async () => {
    const grants = { administrator: true };
    const request = { emails: [newAddress()], grants };
    const { outcomes } = await identity.invitations.createInvitations(request, as("admin"));
    const invitationId = outcomes[0]?.invitationId ?? "";
    const resend = identity.invitations.resendInvitation({ invitationId }, as("inviter"));
    expect(await reason(resend)).toBe("GRANT_ABOVE_OWN_LEVEL");
  });

  test("and who is to invite must be a developer", async () => {
    const grants = { team: TeamRole.INVITE_ONLY, developer: DeveloperRole.READ_ONLY };
    const send = identity.invitations.createInvitations({ emails: [newAddress()], grants }, as("admin"));
    expect(await reason(send)).toBe("VALIDATION_FAILED");
  });
});
