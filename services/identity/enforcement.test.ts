import { Code, ConnectError } from "@connectrpc/connect";
import { ServiceUserState as State } from "@portcullis/contracts/portcullis/identity/v1/service_user_pb.ts";
import { reasonOf } from "@portcullis/service";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { parseServiceUserId } from "./domain/ids.ts";
import type { Principal } from "./domain/principal.ts";
import { relayOnce } from "./domain/relay.ts";
import { as, startTestIdentity, type TestIdentity } from "./testing/start-identity.ts";

let identity: TestIdentity;
beforeAll(async () => {
  identity = await startTestIdentity();
});
afterAll(() => identity[Symbol.asyncDispose]());
afterEach(() => {
  for (const enforcer of [identity.credential, identity.authorization]) {
    enforcer.isReachable = true;
    enforcer.beforeApply = async () => {};
  }
});

let names = 0;
async function create(): Promise<string> {
  const { serviceUser } = await identity.serviceUsers.createServiceUser(
    { name: `bot-${++names}` },
    as("admin"),
  );
  return serviceUser?.serviceUserId ?? expect.fail();
}
const owed = async (principalId: string) =>
  (
    await identity.database.db
      .selectFrom("pending_enforcements")
      .selectAll()
      .where("principal_id", "=", principalId)
      .execute()
  )
    .map(({ enforcer }) => enforcer)
    .toSorted();
/** As time passing would: the relay's next round takes every debt. */
const makeDue = () =>
  identity.database.db
    .updateTable("pending_enforcements")
    .set({ due_at: new Date(0) })
    .execute();

test("while one enforcer is away a deactivation is not answered with OK, but is committed and owed", async () => {
  const serviceUserId = await create();
  identity.credential.isReachable = false;
  const error = await identity.serviceUsers
    .deactivateServiceUser({ serviceUserId }, as("admin"))
    .catch((failed: unknown) => ConnectError.from(failed));
  expect(error).toBeInstanceOf(ConnectError);
  expect([ConnectError.from(error).code, reasonOf(error)]).toEqual([Code.Unavailable, "ENFORCEMENT_PENDING"]);
  const { serviceUser } = await identity.serviceUsers.getServiceUser({ serviceUserId }, as("admin"));
  expect(serviceUser?.state).toBe(State.INACTIVE);
  expect(identity.authorization.stateOf(serviceUserId)).toBe("inactive");
  expect(await owed(serviceUserId)).toEqual(["credential"]);
});

test.each([undefined, "retry-1"])(
  "repeating the call (request id %s) is OK only once it is enforced",
  async (requestId) => {
    const serviceUserId = await create();
    identity.credential.isReachable = false;
    const call = () =>
      identity.serviceUsers.deactivateServiceUser(
        { serviceUserId, ...(requestId ? { requestId } : {}) },
        as("admin"),
      );
    for (let attempt = 0; attempt < 2; attempt++) {
      expect(await call().catch((error: unknown) => reasonOf(error))).toBe("ENFORCEMENT_PENDING");
    }
    identity.credential.isReachable = true;
    expect((await call()).serviceUser?.state).toBe(State.INACTIVE);
    expect(identity.credential.stateOf(serviceUserId)).toBe("inactive");
    expect(await owed(serviceUserId)).toEqual([]);
  },
);

test("the relay delivers what a call could not, once the enforcer is back", async () => {
  const serviceUserId = await create();
  identity.credential.isReachable = false;
  await identity.serviceUsers.deactivateServiceUser({ serviceUserId }, as("admin")).catch(() => {});
  identity.credential.isReachable = true;
  await makeDue();
  const failures: unknown[] = [];
  await relayOnce(identity.deps, (_debt, error) => failures.push(error), AbortSignal.timeout(5000));
  // The server's own relay may have been quicker; either way nothing is owed.
  await expect.poll(() => owed(serviceUserId)).toEqual([]);
  expect(failures).toEqual([]);
  expect(identity.credential.stateOf(serviceUserId)).toBe("inactive");
});

test("a confirmation of an older version does not pay the debt for a newer one", async () => {
  const serviceUserId = await create();
  const held = Promise.withResolvers<void>();
  const arrived = Promise.withResolvers<void>();
  // The first delivery reads version 2 and then dawdles until version 3 is committed.
  identity.credential.beforeApply = async ({ version }) => {
    if (version !== 2) return;
    arrived.resolve();
    await held.promise;
  };
  const deactivation = identity.serviceUsers.deactivateServiceUser({ serviceUserId }, as("admin"));
  await arrived.promise;
  identity.authorization.isReachable = false;
  const activation = await identity.serviceUsers
    .activateServiceUser({ serviceUserId }, as("admin"))
    .catch((error: unknown) => reasonOf(error));
  expect(activation).toBe("ENFORCEMENT_PENDING");
  held.resolve();
  await deactivation.catch(() => {});
  // Credential learned of version 3 before the late delivery of version 2, which changed nothing.
  expect(identity.credential.versionOf(serviceUserId)).toBe(3);
  expect(identity.credential.stateOf(serviceUserId)).toBe("active");
  expect(await owed(serviceUserId)).toEqual(["authorization"]);
});

/** As after a restore of identity's database to an earlier time: the enforcer remembers what identity lost. */
const remembered = (serviceUserId: string, lost: Partial<Principal>) =>
  identity.credential.apply({
    accountId: identity.acme,
    principalId: parseServiceUserId(serviceUserId),
    kind: "service_user",
    state: "active",
    version: 2,
    superAdmin: false,
    ...lost,
  });

test.each<[string, Partial<Principal>]>([
  ["a later version than identity knows of", { version: 9 }],
  ["the very version, in another state", {}],
  ["the very version and state, with more rights", { state: "inactive", superAdmin: true }],
])("an enforcer that goes by %s has confirmed nothing", async (_what, lost) => {
  const serviceUserId = await create();
  await remembered(serviceUserId, lost);
  const deactivate = () =>
    identity.serviceUsers
      .deactivateServiceUser({ serviceUserId }, as("admin"))
      .then(() => "ok")
      .catch((error: unknown) => reasonOf(error));
  expect(await deactivate()).toBe("ENFORCEMENT_PENDING");
  expect(await deactivate()).toBe("ENFORCEMENT_PENDING");
  expect(await owed(serviceUserId)).toEqual(["credential"]);
  // What docs/operations.md says to do then.
  await identity.database.db
    .updateTable("service_users")
    .set({ version: 10 })
    .where("id", "=", serviceUserId)
    .execute();
  expect(await deactivate()).toBe("ok");
  expect(identity.credential.stateOf(serviceUserId)).toBe("inactive");
  expect(identity.credential.isSuperAdmin(serviceUserId)).toBe(false);
});

test("storms of activate and deactivate end with every enforcer at the last version", async () => {
  const serviceUserId = await create();
  identity.credential.beforeApply = () => new Promise((resolve) => setImmediate(resolve));
  const storm = (verb: "activateServiceUser" | "deactivateServiceUser") =>
    Array.from({ length: 25 }, () => identity.serviceUsers[verb]({ serviceUserId }, as("admin")));
  await Promise.all([...storm("deactivateServiceUser"), ...storm("activateServiceUser")]);
  const { serviceUser } = await identity.serviceUsers.getServiceUser({ serviceUserId }, as("admin"));
  const last = serviceUser?.state === State.ACTIVE ? "active" : "inactive";
  expect([identity.credential.stateOf(serviceUserId), identity.authorization.stateOf(serviceUserId)]).toEqual(
    [last, last],
  );
  expect(await owed(serviceUserId)).toEqual([]);
});

test("a rename owes nothing", async () => {
  const serviceUserId = await create();
  identity.credential.isReachable = false;
  const request = { serviceUserId, description: "new", updateMask: { paths: ["description"] } };
  const { serviceUser } = await identity.serviceUsers.updateServiceUser(request, as("admin"));
  expect(serviceUser?.description).toBe("new");
});

test("every change is in the audit outbox with its actor, and a change that changes nothing is not", async () => {
  const serviceUserId = await create();
  await identity.serviceUsers.deactivateServiceUser({ serviceUserId }, as("admin"));
  await identity.serviceUsers.deactivateServiceUser({ serviceUserId }, as("admin"));
  const events = await identity.database.db
    .selectFrom("audit_outbox")
    .selectAll()
    .where("target_id", "=", serviceUserId)
    .orderBy("id")
    .execute();
  expect(events.map(({ action }) => action)).toEqual(["service_user.create", "service_user.deactivate"]);
  expect(events[1]?.actor).toMatchObject({ kind: "principal", principalId: "user_admin" });
});
