import { PrincipalState } from "@portcullis/contracts/portcullis/common/v1/principal_pb.ts";
import { CredentialKind } from "@portcullis/contracts/portcullis/credential/v1/credential_pb.ts";
import { newId } from "@portcullis/service";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseAccountId, parsePrincipalId } from "./domain/ids.ts";
import { deleteSessionsEndedBefore } from "./store/postgres-sessions.ts";
import {
  as,
  asWorkload,
  refusalOf,
  resultOf,
  type Somebody,
  startTestCredential,
  type TestCredential,
} from "./testing/start-credential.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

let service: TestCredential;
let identity: Awaited<ReturnType<typeof asWorkload>>;
beforeAll(async () => {
  service = await startTestCredential();
  identity = await asWorkload("identity");
});
afterAll(() => service[Symbol.asyncDispose]());

interface Parts {
  readonly userId?: string;
  readonly groupId?: string;
  readonly secretsVersion?: number;
  readonly requestId?: string;
}

/** An hour without use, a day in all. */
async function signIn(owner: Pick<Somebody, "accountId" | "principalId">, parts: Parts = {}) {
  const { session, token } = await service.sessions.createSession(
    {
      accountId: owner.accountId,
      ownerId: owner.principalId,
      userId: parts.userId ?? "user_somebody",
      sessionGroupId: parts.groupId ?? newId("sgn"),
      secretsVersion: BigInt(parts.secretsVersion ?? 1),
      idleLifetime: { seconds: 3600n },
      lifetime: { seconds: 86_400n },
      userAgent: "Firefox",
      sourceIp: "192.0.2.7",
      requestId: parts.requestId ?? "",
    },
    identity,
  );
  return { token, sessionId: session?.sessionId ?? "", session };
}

const verify = (token: string) => resultOf(service.verification.verifyToken({ token }, identity));

/** How often a session's row has been written. */
async function lastUse(sessionId: string): Promise<Date | undefined> {
  const row = await service.database.db
    .selectFrom("sessions")
    .select("last_used_at")
    .where("credential_id", "=", sessionId)
    .executeTakeFirst();
  return row?.last_used_at;
}

describe("creation", () => {
  test("answers with a session and, this once, its token, which proves the person and the sign-in", async () => {
    const created = await signIn(service.admin, { groupId: "sgn_1", userId: "user_ann", requestId: "s-1" });
    expect(created.token).toMatch(/^pcse_/);
    const { verification } = await service.verification.verifyToken({ token: created.token }, identity);
    expect(verification?.credential).toMatchObject({
      kind: CredentialKind.SESSION,
      ownerId: service.admin.principalId,
      session: { sessionGroupId: "sgn_1", userId: "user_ann" },
    });
    const repeated = await signIn(service.admin, { groupId: "sgn_1", userId: "user_ann", requestId: "s-1" });
    expect(repeated).toMatchObject({ sessionId: created.sessionId, token: "" });
  });

  test("is for identity alone, and for users who are active", async () => {
    const request = {
      accountId: service.acme,
      ownerId: service.admin.principalId,
      userId: "u",
      sessionGroupId: "g",
      secretsVersion: 1n,
      idleLifetime: { seconds: 60n },
      lifetime: { seconds: 60n },
    };
    const call = service.sessions.createSession(request, as(service.root.apiKey));
    expect(await refusalOf(call)).toBe("PERMISSION_DENIED");
    const robot = await service.newRobot();
    expect(await refusalOf(signIn({ accountId: service.acme, principalId: robot }))).toBe(
      "PRINCIPAL_NOT_FOUND",
    );
    const inactive = parsePrincipalId(newId("user"));
    await service.apply(inactive, PrincipalState.INACTIVE, 1);
    expect(await refusalOf(signIn({ accountId: service.acme, principalId: inactive }))).toBe(
      "PRINCIPAL_NOT_FOUND",
    );
  });
});

describe("lifetime", () => {
  test("use puts its end off, until the end that nothing puts off", async () => {
    const { token } = await signIn(service.admin);
    for (let hour = 0; hour < 26; hour++) {
      service.advance(50 * minuteMs);
      if ((hour + 1) * 50 < 24 * 60) expect(await verify(token)).toBe("VALID");
    }
    service.advance(2 * hourMs);
    expect(await verify(token)).toBe("EXPIRED");
  });

  test("use at one replica puts its end off at the others too, whatever they remember", async () => {
    const { verification } = await service.addReplica();
    const { token } = await signIn(service.admin);
    const there = () => resultOf(verification.verifyToken({ token }, identity));
    expect(await there()).toBe("VALID");
    for (let times = 0; times < 3; times++) {
      service.advance(40 * minuteMs);
      expect(await verify(token)).toBe("VALID");
    }
    expect(await there()).toBe("VALID");
  });

  test("without use for its idle lifetime it is over, to the instant", async () => {
    const { token } = await signIn(service.admin);
    const another = await signIn(service.admin);
    service.advance(hourMs - 1);
    expect(await verify(another.token)).toBe("VALID");
    service.advance(1);
    expect(await verify(token)).toBe("EXPIRED");
    expect(await verify(another.token)).toBe("VALID");
  });

  test("verifications write its last use at most once in a tenth of its idle lifetime, forward only", async () => {
    const { token, sessionId } = await signIn(service.admin);
    const created = await lastUse(sessionId);
    service.advance(6 * minuteMs - 1);
    await verify(token);
    expect(await lastUse(sessionId)).toEqual(created);
    service.advance(1);
    await Promise.all([verify(token), verify(token), verify(token)]);
    const used = await lastUse(sessionId);
    expect(used).toEqual(service.now());
    service.advance(-minuteMs);
    await verify(token);
    expect(await lastUse(sessionId)).toEqual(used);
    service.advance(minuteMs);
  });

  test("what is over is cleared away later", async () => {
    const { sessionId } = await signIn(service.admin);
    const { db } = service.database;
    const signal = AbortSignal.timeout(10_000);
    const inADay = new Date(service.now().getTime() + 24 * hourMs);
    await deleteSessionsEndedBefore(db, inADay, 500, signal);
    expect(await lastUse(sessionId)).toBeDefined();
    await deleteSessionsEndedBefore(db, new Date(inADay.getTime() + 1), 500, signal);
    expect(await lastUse(sessionId)).toBeUndefined();
  });
});

describe("a caller with a session", () => {
  test("is the principal, as with an API key", async () => {
    const { token } = await signIn(service.admin);
    const { credentials } = await service.credentials.listCredentials({}, as(token));
    expect(credentials.length).toBeGreaterThan(0);
  });

  test("lists and ends own sessions, and no others", async () => {
    const mine = await signIn(service.admin);
    const other = await signIn(service.admin);
    const foreign = await signIn(service.root);
    const { sessions } = await service.sessions.listOwnSessions({}, as(mine.token));
    const ids = sessions.map(({ sessionId }) => sessionId);
    expect(ids).toEqual(expect.arrayContaining([mine.sessionId, other.sessionId]));
    expect(ids).not.toContain(foreign.sessionId);
    expect(sessions.filter(({ current }) => current).map(({ sessionId }) => sessionId)).toEqual([
      mine.sessionId,
    ]);
    await service.sessions.endOwnSession({ sessionId: other.sessionId, requestId: "e-1" }, as(mine.token));
    expect(await verify(other.token)).toBe("UNKNOWN");
    await service.sessions.endOwnSession({ sessionId: other.sessionId, requestId: "e-1" }, as(mine.token));
    const again = service.sessions.endOwnSession({ sessionId: foreign.sessionId }, as(mine.token));
    expect(await refusalOf(again)).toBe("SESSION_NOT_FOUND");
    await service.sessions.endOwnSession({}, as(mine.token));
    expect(await refusalOf(service.sessions.listOwnSessions({}, as(mine.token)))).toBe("CREDENTIALS_INVALID");
  });

  test("may look after oneself without any permission, but only in the own account", async () => {
    const person = { accountId: service.acme, principalId: parsePrincipalId(newId("user")) };
    await service.apply(person.principalId, PrincipalState.ACTIVE, 1);
    const { token } = await signIn(person);
    expect((await service.sessions.listOwnSessions({}, as(token))).sessions).toHaveLength(1);
    expect(await refusalOf(service.sessions.listSessions({}, as(token)))).toBe("PERMISSION_DENIED");
  });
});

test("credentials' own lists and verbs do not see sessions", async () => {
  const { sessionId } = await signIn(service.admin);
  const { credentials } = await service.credentials.listCredentials(
    { pageSize: 500 },
    as(service.admin.apiKey),
  );
  expect(credentials.map(({ credentialId }) => credentialId)).not.toContain(sessionId);
  const admin = as(service.admin.apiKey);
  const request = { credentialId: sessionId };
  expect(await refusalOf(service.credentials.getCredential(request, admin))).toBe("CREDENTIAL_NOT_FOUND");
  expect(await refusalOf(service.credentials.deleteCredential(request, admin))).toBe("CREDENTIAL_NOT_FOUND");
});

describe("ending", () => {
  test("an administrator ends one, or all of a user of the account", async () => {
    const admin = as(service.admin.apiKey);
    const [one, two, foreign] = [
      await signIn(service.root),
      await signIn(service.root),
      await signIn(service.stranger),
    ];
    await service.sessions.endSession({ sessionId: one.sessionId }, admin);
    expect(await verify(one.token)).toBe("UNKNOWN");
    expect(await refusalOf(service.sessions.endSession({ sessionId: foreign.sessionId }, admin))).toBe(
      "SESSION_NOT_FOUND",
    );
    const { endedCount } = await service.sessions.endAllSessions(
      { ownerId: service.root.principalId },
      admin,
    );
    expect(endedCount).toBeGreaterThanOrEqual(1n);
    expect(await verify(two.token)).toBe("UNKNOWN");
    expect(await verify(foreign.token)).toBe("VALID");
    const unknown = service.sessions.endAllSessions({ ownerId: newId("user") }, admin);
    expect(await refusalOf(unknown)).toBe("PRINCIPAL_NOT_FOUND");
  });

  test("an operator ends those of a person in all accounts; an account's administrator can't", async () => {
    const userId = newId("user");
    const sessions = [await signIn(service.admin, { userId }), await signIn(service.stranger, { userId })];
    const refused = service.sessions.endUserSessions({ userId }, as(service.admin.apiKey));
    expect(await refusalOf(refused)).toBe("PERMISSION_DENIED");
    const { endedCount } = await service.sessions.endUserSessions({ userId }, as(service.root.apiKey));
    expect(endedCount).toBe(2n);
    expect(await Promise.all(sessions.map(({ token }) => verify(token)))).toEqual(["UNKNOWN", "UNKNOWN"]);
  });

  test("identity alone ends those of some people in one account alone", async () => {
    const userId = newId("user");
    const [here, there] = [
      await signIn(service.admin, { userId }),
      await signIn(service.stranger, { userId }),
    ];
    const another = await signIn(service.admin);
    const request = { accountId: service.admin.accountId, userIds: [userId, newId("user")] };
    expect((await service.sessions.endMemberSessions(request, identity)).endedCount).toBe(1n);
    expect(await Promise.all([here, there, another].map(({ token }) => verify(token)))).toEqual([
      "UNKNOWN",
      "VALID",
      "VALID",
    ]);
    const refused = service.sessions.endMemberSessions(request, as(service.root.apiKey));
    expect(await refusalOf(refused)).toBe("PERMISSION_DENIED");
  });

  test("identity spares the sign-in that changed the password, and those made with the new one", async () => {
    const userId = newId("user");
    const [old, own, fresh] = [
      await signIn(service.admin, { userId }),
      await signIn(service.admin, { userId, groupId: "sgn_own" }),
      await signIn(service.stranger, { userId, secretsVersion: 2 }),
    ];
    const request = { userId, belowSecretsVersion: 2n, exceptSessionGroupId: "sgn_own" };
    expect((await service.sessions.endUserSessions(request, identity)).endedCount).toBe(1n);
    expect((await service.sessions.endUserSessions(request, identity)).endedCount).toBe(0n);
    expect(await Promise.all([old, own, fresh].map(({ token }) => verify(token)))).toEqual([
      "UNKNOWN",
      "VALID",
      "VALID",
    ]);
  });

  test("signing out ends the sign-in in all accounts, and is noted in each", async () => {
    const groupId = newId("sgn");
    const here = await signIn(service.admin, { groupId });
    const there = await signIn(service.stranger, { groupId });
    await service.sessions.endSessionGroup({ sessionGroupId: groupId }, identity);
    expect(await verify(here.token)).toBe("UNKNOWN");
    expect(await verify(there.token)).toBe("UNKNOWN");
    const audits = await service.database.db
      .selectFrom("audit_outbox")
      .select("account_id")
      .where("target_id", "in", [here.sessionId, there.sessionId])
      .where("action", "=", "session.end")
      .execute();
    expect(audits.map(({ account_id }) => parseAccountId(account_id)).toSorted()).toEqual(
      [service.acme, service.globex].toSorted(),
    );
  });

  test.each([PrincipalState.INACTIVE, PrincipalState.LOCKED, PrincipalState.DELETED])(
    "a principal in state %s has no session that works",
    async (state) => {
      const principalId = parsePrincipalId(newId("user"));
      await service.apply(principalId, PrincipalState.ACTIVE, 1);
      const { token } = await signIn({ accountId: service.acme, principalId });
      await service.apply(principalId, state, 2);
      expect(await verify(token)).not.toBe("VALID");
    },
  );
});
