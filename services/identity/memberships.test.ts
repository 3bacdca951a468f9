import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { MembershipState as State } from "@portcullis/contracts/portcullis/identity/v1/membership_pb.ts";
import { reasonOf } from "@portcullis/service";
import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { principalOfMember } from "./domain/member.ts";
import { newMember, newUser } from "./domain/new-people.ts";
import { as, startTestIdentity, type TestIdentity } from "./testing/start-identity.ts";

const password = "a long enough password";

let identity: TestIdentity;
beforeAll(async () => {
  identity = await startTestIdentity();
});
afterAll(() => identity[Symbol.asyncDispose]());
beforeEach(() => {
  identity.credential.isReachable = true;
});

const reason = (call: Promise<unknown>) =>
  call.then(
    () => "ok",
    (error: unknown) => reasonOf(error),
  );
const signal = () => AbortSignal.timeout(10_000);

let people = 0;
/** A verified person who is a member of these accounts. */
async function join(accountIds: readonly TestIdentity["acme"][], role?: "administrator") {
  const { deps } = identity;
  const email = `member-${++people}@example.com`;
  const passwordHash = await deps.passwords.hash(password, signal());
  const user = {
    ...newUser(deps, { email, displayName: "", passwordHash }),
    emailVerifiedAt: identity.now(),
  };
  const members = accountIds.map((accountId) => newMember(deps, accountId, user.id));
  const actor = { kind: "workload", name: "test" } as const;
  const mutation = {
    actor,
    accountId: "",
    method: "t",
    requestId: undefined,
    requestDigest: new Uint8Array(),
  };
  await deps.unitOfWork.once(
    mutation,
    async (tx) => {
      await tx.insertUser(user);
      for (const member of members) {
        await tx.insertMember(member, []);
        await tx.requireEnforcement(principalOfMember(member, user));
      }
      return { resourceId: "", value: undefined };
    },
    signal(),
  );
  if (role !== undefined) for (const member of members) identity.guard.appoint(member);
  const [first] = members;
  if (first === undefined) throw new Error("a member of no account");
  return { email, user, members, principalId: first.id, accountId: first.accountId };
}
async function signIn(email: string, account: string) {
  const { token } = await identity.signIns.signIn({ email, password, account });
  return { token, ...as(token) };
}
const root = as("root");
const owner = () => join([identity.acme], "administrator");

describe("members", () => {
  test("are listed newest first, page by page, without those of other accounts and those who have left", async () => {
    const [one, two, gone] = [
      await join([identity.acme]),
      await join([identity.acme]),
      await join([identity.acme]),
    ];
    const foreign = await join([identity.globex]);
    await identity.memberships.removeMembership({ principalId: gone.principalId }, root);
    const first = await identity.memberships.listMemberships({ pageSize: 1 }, as("admin"));
    const pageToken = first.nextPageToken;
    const rest = await identity.memberships.listMemberships({ pageSize: 500, pageToken }, as("admin"));
    const ids = [...first.memberships, ...rest.memberships].map(({ principalId }) => principalId);
    expect(ids).toEqual(ids.toSorted().toReversed());
    expect(ids).toEqual(expect.arrayContaining([one.principalId, two.principalId]));
    expect(ids).not.toContain(gone.principalId);
    expect(ids).not.toContain(foreign.principalId);
    const get = (principalId: string) =>
      reason(identity.memberships.getMembership({ principalId }, as("admin")));
    expect(await get(one.principalId)).toBe("ok");
    expect(await get(foreign.principalId)).toBe("PRINCIPAL_NOT_FOUND");
    expect(await get(gone.principalId)).toBe("PRINCIPAL_NOT_FOUND");
  });

  test("tell when they last signed in to the account, and to no other; that changes nothing else of them", async () => {
    const person = await join([identity.acme, identity.globex]);
    const { principalId } = person;
    const read = async (accountId: string, id: string) =>
      (await identity.memberships.getMembership({ accountId, principalId: id }, root)).membership;
    const before = await read(identity.acme, principalId);
    expect(before?.lastSignInTime).toBeUndefined();
    const { token } = await signIn(person.email, identity.acme);
    const after = await read(identity.acme, principalId);
    expect(after?.lastSignInTime).toEqual(timestampFromDate(identity.now()));
    expect(after?.etag).toBe(before?.etag);
    const elsewhere = person.members[1]?.id ?? "";
    expect((await read(identity.globex, elsewhere))?.lastSignInTime).toBeUndefined();
    await identity.signIns.switchAccount({ account: identity.globex }, as(token));
    expect((await read(identity.globex, elsewhere))?.lastSignInTime).toBeDefined();
  });

  test("see their own accounts, whatever else they may do", async () => {
    const person = await join([identity.acme, identity.globex]);
    const session = await signIn(person.email, identity.acme);
    const { memberships } = await identity.memberships.listOwnMemberships({}, session);
    expect(memberships.map(({ accountId, state }) => [accountId, state]).toSorted()).toEqual(
      [
        [identity.acme, State.ACTIVE],
        [identity.globex, State.ACTIVE],
      ].toSorted(),
    );
  });
});

describe("a disabled member", () => {
  test("is inactive at every enforcer once the call has returned, can't sign in there, and can elsewhere", async () => {
    await owner();
    const person = await join([identity.acme, identity.globex]);
    const request = { principalId: person.principalId };
    const { membership } = await identity.memberships.disableMembership(request, root);
    expect(membership?.state).toBe(State.DISABLED);
    expect(identity.credential.stateOf(person.principalId)).toBe("inactive");
    expect(identity.authorization.stateOf(person.principalId)).toBe("inactive");
    expect(await reason(signIn(person.email, identity.acme))).toBe("NO_ACTIVE_MEMBERSHIP");
    expect(await reason(signIn(person.email, identity.globex))).toBe("ok");
    await identity.memberships.enableMembership(request, root);
    expect(identity.credential.stateOf(person.principalId)).toBe("active");
    expect(await reason(signIn(person.email, identity.acme))).toBe("ok");
  });

  test("is not answered with OK while an enforcer is away", async () => {
    await owner();
    const person = await join([identity.acme]);
    identity.credential.isReachable = false;
    const disable = () =>
      reason(
        identity.memberships.disableMembership({ principalId: person.principalId, requestId: "d-1" }, root),
      );
    expect(await disable()).toBe("ENFORCEMENT_PENDING");
    identity.credential.isReachable = true;
    expect(await disable()).toBe("ok");
    expect(identity.credential.stateOf(person.principalId)).toBe("inactive");
  });

  test("who signs in at this very moment has no session that an enforcer would take", async () => {
    await owner();
    const person = await join([identity.acme]);
    const { promise: held, resolve: release } = Promise.withResolvers<void>();
    const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>();
    identity.sessions.beforeCreate = () => {
      arrive();
      return held;
    };
    const late = reason(signIn(person.email, identity.acme));
    await arrived;
    await identity.memberships.disableMembership({ principalId: person.principalId }, root);
    expect(identity.credential.stateOf(person.principalId)).toBe("inactive");
    release();
    await late;
    identity.sessions.beforeCreate = async () => {};
    expect(await reason(signIn(person.email, identity.acme))).toBe("NO_ACTIVE_MEMBERSHIP");
  });
});

describe("a removed member", () => {
  test("is deleted at every enforcer; the person lives on, and comes back as another principal", async () => {
    await owner();
    const person = await join([identity.acme, identity.globex]);
    const request = { principalId: person.principalId, requestId: "r-1" };
    const { membership } = await identity.memberships.removeMembership(request, root);
    expect(membership?.state).toBe(State.ENDED);
    expect((await identity.memberships.removeMembership(request, root)).membership?.state).toBe(State.ENDED);
    expect(identity.credential.stateOf(person.principalId)).toBe("deleted");
    expect(await reason(signIn(person.email, identity.globex))).toBe("ok");
    const again = newMember(identity.deps, identity.acme, person.user.id);
    const actor = { kind: "workload", name: "test" } as const;
    await identity.deps.unitOfWork.once(
      { actor, accountId: "", method: "t", requestId: undefined, requestDigest: new Uint8Array() },
      async (tx) => {
        await tx.insertMember(again, []);
        await tx.requireEnforcement(principalOfMember(again, person.user));
        return { resourceId: "", value: undefined };
      },
      signal(),
    );
    expect(await reason(signIn(person.email, identity.acme))).toBe("ok");
    expect(identity.credential.stateOf(again.id)).toBe("active");
    expect(identity.credential.stateOf(person.principalId)).toBe("deleted");
  });

  test("leaves by oneself, from the account of the session only", async () => {
    await owner();
    const person = await join([identity.acme, identity.globex]);
    const session = await signIn(person.email, identity.acme);
    await identity.memberships.leaveAccount({}, session);
    expect(identity.credential.stateOf(person.principalId)).toBe("deleted");
    expect(identity.credential.stateOf(person.members[1]?.id)).not.toBe("deleted");
    expect(await reason(identity.memberships.leaveAccount({}, as("developer")))).toBe("PRINCIPAL_NOT_FOUND");
  });
});

describe("administrators", () => {
  test("are changed by administrators only, or by an operator", async () => {
    const [boss, other] = [await owner(), await owner()];
    const remove = (who: { principalId: string }, caller: { headers: { authorization: string } }) =>
      reason(identity.memberships.removeMembership({ principalId: who.principalId }, caller));
    expect(await remove(boss, as("admin"))).toBe("ADMINISTRATOR_REQUIRED");
    expect(await remove(other, root)).toBe("ok");
  });

  test("of whom two go at once: one stays", async () => {
    const { accountId } = await identity.accounts
      .createAccount({ displayName: "Two bosses" }, root)
      .then(({ account }) => account ?? expect.fail());
    // The id is one of ours.
    const account = accountId as TestIdentity["acme"];
    const bosses = [await join([account], "administrator"), await join([account], "administrator")];
    await join([account]);
    const sessions = await Promise.all(bosses.map(({ email }) => signIn(email, account)));
    const answers = await Promise.all(
      sessions.map((session) => reason(identity.memberships.leaveAccount({}, session))),
    );
    expect(answers.toSorted()).toEqual(["LAST_ADMINISTRATOR", "ok"]);
  });

  test("or not, the last active member of an account can't go: who goes second waits and is refused", async () => {
    const { account } = await identity.accounts.createAccount({ displayName: "Two" }, root);
    // The id is one of ours.
    const accountId = (account?.accountId ?? "") as TestIdentity["acme"];
    const [one, two] = [await join([accountId]), await join([accountId])];
    const remove = ({ principalId }: { principalId: string }) =>
      reason(identity.memberships.removeMembership({ accountId, principalId }, root));
    const { db } = identity.database;
    let pending: Promise<unknown[]> = Promise.resolve([]);
    await db.transaction().execute(async (trx) => {
      await trx.selectFrom("accounts").selectAll().where("id", "=", accountId).forUpdate().execute();
      pending = Promise.all([remove(one), remove(two)]);
      for (let blocked = 0; blocked < 2; ) {
        const { rows } = await sql`select 1 from pg_stat_activity
          where datname = current_database() and wait_event_type = 'Lock'`.execute(db);
        blocked = rows.length;
      }
    });
    expect((await pending).toSorted()).toEqual(["LAST_ADMINISTRATOR", "ok"]);
  });
});

describe("a person who wants to be gone", () => {
  test("is, with all memberships, once the call has returned; the address is free again", async () => {
    await owner();
    await join([identity.globex], "administrator");
    const person = await join([identity.acme, identity.globex]);
    const session = await signIn(person.email, identity.acme);
    expect(await reason(identity.users.deleteUser({ password: "wrong" }, session))).toBe("PASSWORD_WRONG");
    await identity.users.deleteUser({ password }, session);
    expect(person.members.map(({ id }) => identity.credential.stateOf(id))).toEqual(["deleted", "deleted"]);
    expect(await reason(signIn(person.email, ""))).toBe("SIGN_IN_REFUSED");
    const row = await identity.database.db
      .selectFrom("users")
      .selectAll()
      .where("id", "=", person.user.id)
      .executeTakeFirst();
    expect(row).toMatchObject({ email: "", email_key: null, password_hash: null, state: "deleted" });
    await identity.users.signUp({ email: person.email, password, accountDisplayName: "x" });
    await identity.sendMails();
    expect(identity.mailer.to(person.email).at(-1)?.subject).toBe("Verify your e-mail address");
  });

  test("is not while the last administrator of any account, and then nothing has changed", async () => {
    const { account } = await identity.accounts.createAccount({ displayName: "Mine" }, root);
    // The id is one of ours.
    const mine = (account?.accountId ?? "") as TestIdentity["acme"];
    await owner();
    const person = await join([identity.acme, mine], "administrator");
    const session = await signIn(person.email, identity.acme);
    expect(await reason(identity.users.deleteUser({ password }, session))).toBe("LAST_ADMINISTRATOR");
    expect(await reason(signIn(person.email, identity.acme))).toBe("ok");
    expect(await reason(signIn(person.email, mine))).toBe("ok");
  });
});
