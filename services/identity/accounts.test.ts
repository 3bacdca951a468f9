import { Code, ConnectError } from "@connectrpc/connect";
import { TeamRole } from "@portcullis/contracts/portcullis/identity/v1/invitation_pb.ts";
import { newId, reasonOf } from "@portcullis/service";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { as, asWorkload, startTestIdentity, type TestIdentity } from "./testing/start-identity.ts";

let identity: TestIdentity;
beforeAll(async () => {
  identity = await startTestIdentity();
});
afterAll(() => identity[Symbol.asyncDispose]());
const reason = (call: Promise<unknown>) =>
  call.then(
    () => "ok",
    (error: unknown) => reasonOf(error),
  );

test("a member reads the own account; operators read any and list all", async () => {
  expect((await identity.accounts.getAccount({}, as("admin"))).account?.displayName).toBe("Acme");
  expect(await reason(identity.accounts.getAccount({ accountId: identity.globex }, as("admin")))).toBe(
    "ACCOUNT_NOT_FOUND",
  );
  expect(
    (await identity.accounts.getAccount({ accountId: identity.globex }, as("root"))).account?.displayName,
  ).toBe("Globex");
  const { accounts, nextPageToken } = await identity.accounts.listAccounts({ pageSize: 1 }, as("root"));
  const rest = await identity.accounts.listAccounts({ pageSize: 500, pageToken: nextPageToken }, as("root"));
  const ids = [...accounts, ...rest.accounts].map(({ accountId }) => accountId);
  expect(ids).toEqual(ids.toSorted().toReversed());
  expect(ids).toEqual(expect.arrayContaining([identity.acme, identity.globex]));
  expect(await reason(identity.accounts.listAccounts({}, as("admin")))).toBe("PERMISSION_DENIED");
});

test("operators create accounts, once for each request id", async () => {
  const request = { displayName: "Initech", requestId: "acc-1" };
  const first = await identity.accounts.createAccount(request, as("root"));
  const second = await identity.accounts.createAccount(request, as("root"));
  expect(second.account).toEqual(first.account);
  expect(await reason(identity.accounts.createAccount({ displayName: "x" }, as("admin")))).toBe(
    "PERMISSION_DENIED",
  );
  expect(await reason(identity.accounts.createAccount({ displayName: "  " }, as("root")))).toBe(
    "VALIDATION_FAILED",
  );
});

test("an administrator renames the account, by etag", async () => {
  const { account } = await identity.accounts.getAccount({}, as("stranger"));
  const rename = (displayName: string) =>
    identity.accounts.updateAccount(
      { displayName, etag: account?.etag ?? "", updateMask: { paths: ["display_name"] } },
      as("stranger"),
    );
  expect((await rename("Globex Inc")).account?.displayName).toBe("Globex Inc");
  expect(await reason(rename("Other"))).toBe("ETAG_MISMATCH");
});

test("bootstrap makes the first account and person once, however many ask, and only for the operator", async () => {
  const request = { accountDisplayName: "First", email: "root@example.com" };
  const operator = await asWorkload("operator");
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => identity.installation.bootstrapInstallation(request, operator)),
  );
  expect(new Set(answers.map(({ accountId, userId }) => `${accountId}/${userId}`)).size).toBe(1);
  expect(answers.filter(({ created }) => created)).toHaveLength(1);
  expect(identity.authorization.stateOf(answers[0]?.userId)).toBe("active");
  for (const caller of [as("root"), await asWorkload("gateway")]) {
    const refused = await identity.installation
      .bootstrapInstallation(request, caller)
      .catch((error: unknown) => ConnectError.from(error).code);
    expect(refused).toBe(Code.PermissionDenied);
  }
});

test("an operator puts an account on a plan that there is, and that has the seats that are taken", async () => {
  const root = as("root");
  const { account } = await identity.accounts.createAccount({ displayName: "Growing" }, root);
  const accountId = account?.accountId ?? "";
  expect(account?.planId).toBe("unlimited");
  const assign = (planId: string) => reason(identity.accounts.assignPlan({ accountId, planId }, root));
  expect(await assign("imaginary")).toBe("PLAN_NOT_FOUND");
  const emails = ["one@example.com", "two@example.com"];
  await identity.invitations.createInvitations({ accountId, emails }, root);
  expect(await assign("free")).toBe("SEAT_LIMIT_REACHED");
  expect((await identity.accounts.getAccount({ accountId }, root)).account?.planId).toBe("unlimited");
  expect(await assign("pay_as_you_go")).toBe("ok");
  const own = identity.accounts.assignPlan({ planId: "free" }, as("admin"));
  expect(await reason(own)).toBe("PERMISSION_DENIED");
});

describe("a plan without a feature", () => {
  const root = as("root");
  async function accountOn(planId: string) {
    const { account } = await identity.accounts.createAccount({ displayName: planId }, root);
    const accountId = account?.accountId ?? "";
    await identity.accounts.assignPlan({ accountId, planId }, root);
    return accountId;
  }

  test("RBAC invites with the usual roles only, and again only what it may", async () => {
    const accountId = await accountOn("pay_as_you_go");
    const invite = (email: string, grants: object) =>
      identity.invitations.createInvitations({ accountId, emails: [email], grants }, root);
    expect(await reason(invite("a@example.com", { team: TeamRole.INVITE_ONLY }))).toBe("ok");
    for (const grants of [{ administrator: true }, { team: TeamRole.MANAGER }, { groupIds: ["grp_1"] }]) {
      const refused = await invite("b@example.com", grants).catch((error: unknown) => error);
      expect(reasonOf(refused)).toBe("PLAN_FEATURE_MISSING");
    }
    const assign = (planId: string) => identity.accounts.assignPlan({ accountId, planId }, root);
    await assign("unlimited");
    const { outcomes } = await invite("b@example.com", { administrator: true });
    const invitationId = outcomes[0]?.invitationId ?? "";
    await assign("pay_as_you_go");
    const again = identity.invitations.resendInvitation({ accountId, invitationId }, root);
    expect(await reason(again)).toBe("PLAN_FEATURE_MISSING");
  });

  test("says so to credential, and to nobody else", async () => {
    const rows = [
      { plan_id: "little", feature: "acls", max_count: 0 },
      { plan_id: "little", feature: "sso", max_count: 5 },
    ];
    await identity.database.db.insertInto("plans").values(rows).execute();
    const accountId = await accountOn("unlimited");
    await identity.database.db
      .updateTable("accounts")
      .set({ plan_id: "little" })
      .where("id", "=", accountId)
      .execute();
    const credential = await asWorkload("credential");
    const ask = async (feature: string, id = accountId) =>
      (await identity.accounts.checkFeature({ accountId: id, feature }, credential)).allowed;
    expect(await Promise.all(["acls", "sso", "rbac", "no_such"].map((feature) => ask(feature)))).toEqual([
      false,
      true,
      false,
      false,
    ]);
    expect(await ask("acls", identity.acme)).toBe(true);
    expect(await ask("acls", newId("acct"))).toBe(false);
    for (const caller of [root, await asWorkload("gateway")]) {
      const refused = reason(identity.accounts.checkFeature({ accountId, feature: "acls" }, caller));
      expect(await refused).toBe("PERMISSION_DENIED");
    }
  });
});

describe("a plan's limit of service users", () => {
  const root = as("root");
  async function accountOn(planId: string) {
    const { account } = await identity.accounts.createAccount({ displayName: planId }, root);
    const accountId = account?.accountId ?? "";
    await identity.accounts.assignPlan({ accountId, planId }, root);
    return accountId;
  }
  const create = (accountId: string, name: string) =>
    identity.serviceUsers.createServiceUser({ accountId, name }, root);

  test("is kept by those who create at the same time; a deleted one makes room", async () => {
    const rows = [
      { plan_id: "two_bots", feature: "seats", max_count: null },
      { plan_id: "two_bots", feature: "service_users", max_count: 2 },
    ];
    await identity.database.db.insertInto("plans").values(rows).execute();
    const accountId = await accountOn("two_bots");
    const names = Array.from({ length: 6 }, (_, index) => `bot-${index}`);
    const outcomes = await Promise.all(names.map((name) => reason(create(accountId, name))));
    expect(outcomes.filter((outcome) => outcome === "ok")).toHaveLength(2);
    expect(outcomes.filter((outcome) => outcome === "PLAN_LIMIT_REACHED")).toHaveLength(4);
    const { serviceUsers } = await identity.serviceUsers.listServiceUsers({ accountId }, root);
    const serviceUserId = serviceUsers[0]?.serviceUserId ?? "";
    await identity.serviceUsers.deleteServiceUser({ accountId, serviceUserId }, root);
    expect(await reason(create(accountId, "another"))).toBe("ok");
  });

  test("is none where the plan does not have the feature, and a plan below what there is is refused", async () => {
    expect(await reason(create(await accountOn("free"), "bot"))).toBe("PLAN_LIMIT_REACHED");
    const accountId = await accountOn("pay_as_you_go");
    expect(await reason(create(accountId, "bot"))).toBe("ok");
    expect(await reason(identity.accounts.assignPlan({ accountId, planId: "hobbyist" }, root))).toBe(
      "PLAN_LIMIT_REACHED",
    );
  });
});
