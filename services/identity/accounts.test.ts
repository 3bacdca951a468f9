import { Code, ConnectError } from "@connectrpc/connect";
import { reasonOf } from "@portcullis/service";
import { afterAll, beforeAll, expect, test } from "vitest";
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
