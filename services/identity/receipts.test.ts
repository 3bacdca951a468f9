import { fromBinary } from "@bufbuild/protobuf";
import { timestampMs } from "@bufbuild/protobuf/wkt";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import {
  type RevocationReceipt,
  RevocationReceiptSchema,
  type RevocationStatement,
} from "@portcullis/contracts/portcullis/common/v1/receipt_pb.ts";
import { ReceiptService } from "@portcullis/contracts/portcullis/common/v1/receipt_service_pb.ts";
import { type ReceiptPublicKey, reasonOf, verifyReceipt } from "@portcullis/service";
import { generateSync } from "otplib";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { relayOnce } from "./domain/relay.ts";
import { relaySessionEndsOnce } from "./domain/session-ends.ts";
import { as, startTestIdentity, type TestIdentity } from "./testing/start-identity.ts";

const password = "a long enough password";
const newPassword = "another long enough password";
const [root, admin] = [as("root"), as("admin")];

let identity: TestIdentity;
let keys: readonly ReceiptPublicKey[];
beforeAll(async () => {
  identity = await startTestIdentity();
  const transport = createGrpcTransport({ baseUrl: `http://127.0.0.1:${identity.port}` });
  const published = await createClient(ReceiptService, transport).listReceiptKeys({});
  keys = published.keys.map((key) => ({ ...key, issuer: "identity" }));
  // Somebody who stays, so that others can go.
  await member();
});
afterAll(() => identity[Symbol.asyncDispose]());
beforeEach(() => identity.forgetAttempts());
afterEach(() => {
  identity.sessions.isReachable = true;
  for (const enforcer of [identity.credential, identity.authorization]) {
    enforcer.isReachable = true;
    enforcer.log.isAbleToSay = true;
    enforcer.beforeApply = async () => {};
  }
});

type Answer = { readonly receipt?: RevocationReceipt | undefined };

/** What a receipt says, which the published key has signed. */
function statementOf({ receipt }: Answer): RevocationStatement {
  const verification = verifyReceipt(receipt ?? expect.fail("there is no receipt"), keys);
  if (verification.result !== "valid") return expect.fail(verification.result);
  return verification.statement;
}
const sinceMs = ({ effectiveTime }: RevocationStatement) => timestampMs(effectiveTime ?? expect.fail());
const sayersOf = ({ enforcements }: RevocationStatement) => enforcements.map(({ service }) => service);
const reason = (call: Promise<unknown>) =>
  call.then(
    () => "ok",
    (error: unknown) => reasonOf(error),
  );
const kept = (targetId: string) =>
  identity.database.db
    .selectFrom("revocation_receipts")
    .selectAll()
    .where("target_id", "=", targetId)
    .orderBy("receipt_id")
    .execute();
const codeOf = (secret: string) =>
  generateSync({ secret, epoch: Math.floor(identity.now().getTime() / 1000) });

let names = 0;
async function bot(): Promise<string> {
  const { serviceUser } = await identity.serviceUsers.createServiceUser({ name: `bot-${++names}` }, admin);
  return serviceUser?.serviceUserId ?? expect.fail();
}
async function account(): Promise<string> {
  const { account: created } = await identity.accounts.createAccount({ displayName: "Customer" }, root);
  return created?.accountId ?? expect.fail();
}
/** Somebody who has come to acme by invitation, is in no other account, and signed in. */
async function member() {
  const email = `member-${++names}@example.com`;
  await identity.invitations.createInvitations({ accountId: identity.acme, emails: [email] }, root);
  await identity.sendMails();
  const invitationToken = identity.mailer.tokenTo(email);
  await identity.users.signUp({ email, password, invitationToken });
  const { token, principalId, userId } = await identity.signIns.signIn({ email, password });
  return { email, principalId, userId, token, options: as(token) };
}
async function enrol({ options }: Awaited<ReturnType<typeof member>>): Promise<string> {
  const { secret } = await identity.users.enrolTotp({ password }, options);
  await identity.users.confirmTotp({ code: codeOf(secret) }, options);
  identity.advance(30_000);
  return secret;
}

/** What an operation was done to, as the audit log names both, and its answer. */
interface Done {
  readonly accountId: string;
  readonly targetId: string;
  readonly answer: Answer;
}
const both = ["authorization", "credential"];
const operations: Record<string, { sayers: readonly string[]; run: () => Promise<Done> }> = {};
const inAcme = (targetId: string, answer: Answer) => ({ accountId: identity.acme, targetId, answer });
const ofPerson = (targetId: string, answer: Answer) => ({ accountId: "", targetId, answer });
for (const verb of ["deactivate", "lock", "delete"] as const) {
  operations[`service_user.${verb}`] = {
    sayers: both,
    run: async () => {
      const serviceUserId = await bot();
      return inAcme(
        serviceUserId,
        await identity.serviceUsers[`${verb}ServiceUser`]({ serviceUserId }, root),
      );
    },
  };
}
operations["membership.disable"] = {
  sayers: both,
  run: async () => {
    const { principalId } = await member();
    return inAcme(principalId, await identity.memberships.disableMembership({ principalId }, admin));
  },
};
operations["membership.remove"] = {
  sayers: both,
  run: async () => {
    const { principalId } = await member();
    return inAcme(principalId, await identity.memberships.removeMembership({ principalId }, admin));
  },
};
operations["membership.leave"] = {
  sayers: both,
  run: async () => {
    const { principalId, options } = await member();
    return inAcme(principalId, await identity.memberships.leaveAccount({}, options));
  },
};
operations["account.suspend"] = {
  sayers: both,
  run: async () => {
    const accountId = await account();
    return {
      accountId,
      targetId: accountId,
      answer: await identity.accounts.suspendAccount({ accountId }, root),
    };
  },
};
operations["account.delete"] = {
  sayers: both,
  run: async () => {
    const accountId = await account();
    await identity.serviceUsers.createServiceUser({ accountId, name: "bot" }, root);
    return {
      accountId,
      targetId: accountId,
      answer: await identity.accounts.deleteAccount({ accountId }, root),
    };
  },
};
operations["account.update"] = {
  sayers: ["credential"],
  run: async () => {
    const accountId = await account();
    const request = { accountId, mfaRequired: true, updateMask: { paths: ["mfa_required"] } };
    return { accountId, targetId: accountId, answer: await identity.accounts.updateAccount(request, root) };
  },
};
operations["super_admin.remove"] = {
  sayers: both,
  run: async () => {
    const [{ userId }, other] = [await member(), await member()];
    await identity.superAdmins.addSuperAdmin({ userId }, root);
    await identity.superAdmins.addSuperAdmin({ userId: other.userId }, root);
    return ofPerson(userId, await identity.superAdmins.removeSuperAdmin({ userId }, root));
  },
};
operations["user.delete"] = {
  sayers: both,
  run: async () => {
    const { userId, options } = await member();
    return ofPerson(userId, await identity.users.deleteUser({ password }, options));
  },
};
operations["user.sign_out"] = {
  sayers: ["credential"],
  run: async () => {
    const { userId, options } = await member();
    return ofPerson(userId, await identity.signIns.signOut({}, options));
  },
};
operations["user.change_password"] = {
  sayers: ["credential"],
  run: async () => {
    const { userId, options } = await member();
    const request = { currentPassword: password, newPassword };
    return ofPerson(userId, await identity.users.changePassword(request, options));
  },
};
operations["user.reset_password"] = {
  sayers: ["credential"],
  run: async () => {
    const { userId, email } = await member();
    await identity.users.requestPasswordReset({ email });
    await identity.sendMails();
    const request = { token: identity.mailer.tokenTo(email), newPassword };
    return ofPerson(userId, await identity.users.resetPassword(request));
  },
};
operations["user.confirm_totp"] = {
  sayers: ["credential"],
  run: async () => {
    const { userId, options } = await member();
    const { secret } = await identity.users.enrolTotp({ password }, options);
    return ofPerson(userId, await identity.users.confirmTotp({ code: codeOf(secret) }, options));
  },
};
operations["user.disable_totp"] = {
  sayers: ["credential"],
  run: async () => {
    const person = await member();
    const secret = await enrol(person);
    const request = { password, code: codeOf(secret) };
    return ofPerson(person.userId, await identity.users.disableTotp(request, person.options));
  },
};

test.each(Object.keys(operations))(
  "%s is answered with a receipt that holds what every enforcer says, and is kept",
  async (operation) => {
    const { sayers, run } = operations[operation] ?? expect.fail();
    const { accountId, targetId, answer } = await run();
    const statement = statementOf(answer);
    expect(statement).toMatchObject({ operation, accountId, targetId, issuer: "identity" });
    expect(sayersOf(statement)).toEqual(sayers);
    const row = (await kept(targetId)).at(-1);
    expect(row).toMatchObject({ operation, account_id: accountId, receipt_id: statement.receiptId });
    const receipt = fromBinary(RevocationReceiptSchema, row?.receipt ?? expect.fail());
    expect(statementOf({ receipt })).toEqual(statement);
  },
);

test("a second factor that is confirmed by password is answered with one, too", async () => {
  const { email, userId } = await member();
  const { secret } = await identity.signIns.enrolSecondFactor({ email, password });
  const answer = await identity.signIns.confirmSecondFactor({ email, password, code: codeOf(secret) });
  expect(statementOf(answer)).toMatchObject({ operation: "user.confirm_totp", targetId: userId });
});

test("who changes nothing, or only looks, gets none, and none is kept", async () => {
  const serviceUserId = await bot();
  const accountId = await account();
  const only = { validateOnly: true };
  const answers: Answer[] = [
    await identity.serviceUsers.deactivateServiceUser({ serviceUserId, ...only }, root),
    await identity.serviceUsers.lockServiceUser({ serviceUserId, ...only }, root),
    await identity.serviceUsers.deleteServiceUser({ serviceUserId, ...only }, root),
    await identity.accounts.suspendAccount({ accountId, ...only }, root),
    await identity.accounts.deleteAccount({ accountId, ...only }, root),
    await identity.accounts.updateAccount(
      { accountId, displayName: "New", updateMask: { paths: ["display_name"] } },
      root,
    ),
  ];
  expect(answers.map(({ receipt }) => receipt)).toEqual(answers.map(() => undefined));
  expect([...(await kept(serviceUserId)), ...(await kept(accountId))]).toEqual([]);
});

test.each([undefined, "again-1"])(
  "a repeat (request id %s) gets a receipt of its own, in force no earlier than the first",
  async (requestId) => {
    const serviceUserId = await bot();
    const request = { serviceUserId, ...(requestId ? { requestId } : {}) };
    const deactivate = () => identity.serviceUsers.deactivateServiceUser(request, admin);
    const first = statementOf(await deactivate());
    const second = statementOf(await deactivate());
    expect(second.receiptId).not.toBe(first.receiptId);
    expect(sayersOf(second)).toEqual(both);
    expect(sinceMs(second)).toBeGreaterThanOrEqual(sinceMs(first));
    expect(await kept(serviceUserId)).toHaveLength(2);
  },
);

test("while an enforcer is away there is none, though nothing is owed; its word comes with a repeat", async () => {
  const serviceUserId = await bot();
  const request = { serviceUserId, requestId: "away-1" };
  const deactivate = () => identity.serviceUsers.deactivateServiceUser(request, admin);
  identity.credential.isReachable = false;
  expect(await reason(deactivate())).toBe("ENFORCEMENT_PENDING");
  identity.credential.isReachable = true;
  await relayAll();
  // It is in force now, and nobody has been told since when.
  identity.authorization.isReachable = false;
  expect(await reason(deactivate())).toBe("ENFORCEMENT_PENDING");
  expect(await kept(serviceUserId)).toEqual([]);
  identity.authorization.isReachable = true;
  expect(sayersOf(statementOf(await deactivate()))).toEqual(both);
});

test("an enforcer that goes by the change but says nothing of it has not confirmed it", async () => {
  const serviceUserId = await bot();
  const deactivate = () => identity.serviceUsers.deactivateServiceUser({ serviceUserId }, admin);
  identity.authorization.log.isAbleToSay = false;
  expect(await reason(deactivate())).toBe("ENFORCEMENT_PENDING");
  expect(await kept(serviceUserId)).toEqual([]);
  // What gives access needs no receipt.
  expect(await reason(identity.serviceUsers.activateServiceUser({ serviceUserId }, admin))).toBe("ok");
  identity.authorization.log.isAbleToSay = true;
  expect(sayersOf(statementOf(await deactivate()))).toEqual(both);
});

test("a repeat after access was given again is OK, and proves nothing", async () => {
  const serviceUserId = await bot();
  const accountId = await account();
  const deactivate = () =>
    identity.serviceUsers.deactivateServiceUser({ serviceUserId, requestId: "given-1" }, admin);
  const suspend = () => identity.accounts.suspendAccount({ accountId, requestId: "given-2" }, root);
  await Promise.all([deactivate(), suspend()]);
  await identity.serviceUsers.activateServiceUser({ serviceUserId }, admin);
  await identity.accounts.restoreAccount({ accountId }, root);
  expect((await deactivate()).receipt).toBeUndefined();
  expect((await suspend()).receipt).toBeUndefined();
});

test("where access is given again while the enforcers are being told, there is none", async () => {
  const serviceUserId = await bot();
  const held = Promise.withResolvers<void>();
  const arrived = Promise.withResolvers<void>();
  identity.authorization.beforeApply = async ({ version }) => {
    if (version !== 2) return;
    arrived.resolve();
    await held.promise;
  };
  const deactivation = identity.serviceUsers.deactivateServiceUser({ serviceUserId }, admin);
  await arrived.promise;
  await identity.serviceUsers.activateServiceUser({ serviceUserId }, admin);
  held.resolve();
  expect((await deactivation).receipt).toBeUndefined();
  expect(identity.authorization.stateOf(serviceUserId)).toBe("active");
});

test("nobody's super administration counts nowhere: there is nothing to prove", async () => {
  const { userId, options } = await member();
  await identity.memberships.leaveAccount({}, options);
  expect((await identity.superAdmins.removeSuperAdmin({ userId }, root)).receipt).toBeUndefined();
});

test("sessions that the relay has had ended are proven to whoever repeats the request", async () => {
  const { options, email } = await member();
  const other = await identity.signIns.signIn({ email, password });
  const request = { currentPassword: password, newPassword, requestId: "change-1" };
  identity.sessions.isReachable = false;
  expect(await reason(identity.users.changePassword(request, options))).toBe("ENFORCEMENT_PENDING");
  identity.sessions.isReachable = true;
  await relayAll();
  expect(identity.sessions.isOpen(other.token)).toBe(false);
  const repeat = { ...request, currentPassword: newPassword };
  const statement = statementOf(await identity.users.changePassword(repeat, options));
  expect(sayersOf(statement)).toEqual(["credential"]);
  // The repeat has ended nothing.
  expect(await reason(identity.users.getUser({}, options))).toBe("ok");
});

/** As time passing would: the relays' next rounds take every debt. */
async function relayAll(): Promise<void> {
  const { db } = identity.database;
  const due = { due_at: new Date(0) };
  await db.updateTable("pending_enforcements").set(due).execute();
  await db.updateTable("pending_session_ends").set(due).execute();
  const signal = AbortSignal.timeout(5000);
  const fail = (...failed: readonly unknown[]) => expect.fail(String(failed.at(-1)));
  await relayOnce(identity.deps, fail, signal);
  await relaySessionEndsOnce(identity.deps, fail, signal);
}
