import { Code, ConnectError } from "@connectrpc/connect";
import { ServiceUserState as State } from "@portcullis/contracts/portcullis/identity/v1/service_user_pb.ts";
import { reasonOf } from "@portcullis/service";
import { afterAll, beforeAll, expect, test } from "vitest";
import { as, startTestIdentity, type TestIdentity } from "./testing/start-identity.ts";

let identity: TestIdentity;
beforeAll(async () => {
  identity = await startTestIdentity();
});
afterAll(() => identity[Symbol.asyncDispose]());

let names = 0;
const uniqueName = (prefix = "bot") => `${prefix}-${++names}`;
async function create(name = uniqueName(), key = "admin") {
  const { serviceUser } = await identity.serviceUsers.createServiceUser({ name }, as(key));
  return serviceUser ?? expect.fail("no service user in the answer");
}
async function failure(call: Promise<unknown>): Promise<ConnectError> {
  return call.then(
    () => expect.fail("the call succeeded"),
    (error: unknown) => ConnectError.from(error),
  );
}
const reason = async (call: Promise<unknown>) => reasonOf(await failure(call));
const path = (...paths: string[]) => ({ paths });

test("a service user is created active, and every enforcer knows it when the call has returned", async () => {
  const user = await create("Build Bot");
  expect(user).toMatchObject({
    name: "Build Bot",
    address: "sa::build bot",
    state: State.ACTIVE,
    accountId: identity.acme,
  });
  expect(identity.credential.stateOf(user.serviceUserId)).toBe("active");
  expect(identity.authorization.stateOf(user.serviceUserId)).toBe("active");
});

test("it is found by id and by address in any case, in its own account only", async () => {
  const user = await create();
  const byAddress = await identity.serviceUsers.getServiceUser(
    { serviceUserId: `SA::${user.name.toUpperCase()}` },
    as("developer"),
  );
  expect(byAddress.serviceUser).toEqual(user);
  const foreign = await failure(
    identity.serviceUsers.getServiceUser({ serviceUserId: user.serviceUserId }, as("stranger")),
  );
  const absent = await failure(
    identity.serviceUsers.getServiceUser({ serviceUserId: "svc_01h455vb4pex5vsknk084sn02q" }, as("stranger")),
  );
  expect([foreign.code, foreign.rawMessage]).toEqual([absent.code, absent.rawMessage]);
  expect(reasonOf(foreign)).toBe("SERVICE_USER_NOT_FOUND");
});

test.each([
  "svc_",
  "svc_zzz",
  "user_01h455vb4pex5vsknk084sn02q",
  "sa::",
  "sa::a\u0000b",
  "💥",
  "svc_01h455vb4pex5vsknk084sn02q' or 1=1",
])("what is no id of a service user is not found: %s", async (serviceUserId) => {
  expect(await reason(identity.serviceUsers.getServiceUser({ serviceUserId }, as("admin")))).toBe(
    "SERVICE_USER_NOT_FOUND",
  );
});

test("a name is unique in the account without regard to case, and free again after delete", async () => {
  const user = await create("Nightly");
  expect(await reason(create("NIGHTLY"))).toBe("SERVICE_USER_NAME_TAKEN");
  await create("nightly", "stranger");
  await identity.serviceUsers.deleteServiceUser({ serviceUserId: user.serviceUserId }, as("admin"));
  expect((await create("nightly")).serviceUserId).not.toBe(user.serviceUserId);
});

test.each(["", " x", "x ", "-x", "a\nb", "a\u0000b", "x".repeat(129), "a<script>"])(
  "the name %j is refused",
  async (name) => {
    expect(await reason(create(name))).toBe("VALIDATION_FAILED");
  },
);

test("only who holds the permission may write", async () => {
  const user = await create();
  const { serviceUserId } = user;
  for (const call of [
    identity.serviceUsers.createServiceUser({ name: "x" }, as("developer")),
    identity.serviceUsers.deactivateServiceUser({ serviceUserId }, as("developer")),
    identity.serviceUsers.deleteServiceUser({ serviceUserId }, as("developer")),
    identity.serviceUsers.lockServiceUser({ serviceUserId }, as("admin")),
  ]) {
    expect((await failure(call)).code).toBe(Code.PermissionDenied);
  }
});

test("texts that a database would choke on are refused by their rule", async () => {
  const { serviceUserId } = await create();
  const description = "a\u0000b";
  const calls = [
    identity.serviceUsers.createServiceUser({ name: uniqueName(), description }, as("admin")),
    identity.serviceUsers.createServiceUser(
      { name: uniqueName(), description: "ü".repeat(128) },
      as("admin"),
    ),
    identity.serviceUsers.updateServiceUser(
      { serviceUserId, description, updateMask: path("description") },
      as("admin"),
    ),
    identity.serviceUsers.listServiceUsers({ filter: { namePrefix: description } }, as("admin")),
    identity.accounts.updateAccount(
      { displayName: description, updateMask: path("display_name") },
      as("admin"),
    ),
  ];
  expect(await Promise.all(calls.map(reason))).toEqual(calls.map(() => "VALIDATION_FAILED"));
});

test("a masked update changes those fields and no other; an empty or unknown mask is refused", async () => {
  const { serviceUserId } = await create();
  const name = uniqueName("renamed");
  const { serviceUser } = await identity.serviceUsers.updateServiceUser(
    { serviceUserId, name, description: "ignored", updateMask: path("name") },
    as("admin"),
  );
  expect(serviceUser).toMatchObject({ name, description: "" });
  const update = (paths: string[]) =>
    reason(
      identity.serviceUsers.updateServiceUser(
        { serviceUserId, name: "", updateMask: path(...paths) },
        as("admin"),
      ),
    );
  expect(await update([])).toBe("UPDATE_MASK_INVALID");
  expect(await update(["state"])).toBe("UPDATE_MASK_INVALID");
  expect(await update(["name"])).toBe("VALIDATION_FAILED");
});

test("a stale etag changes nothing", async () => {
  const user = await create();
  const { serviceUserId, etag } = user;
  const rename = (name: string) =>
    identity.serviceUsers.updateServiceUser(
      { serviceUserId, name, etag, updateMask: path("name") },
      as("admin"),
    );
  await rename(uniqueName());
  expect(await reason(rename(uniqueName()))).toBe("ETAG_MISMATCH");
  expect(await reason(identity.serviceUsers.deleteServiceUser({ serviceUserId, etag }, as("admin")))).toBe(
    "ETAG_MISMATCH",
  );
  expect(identity.credential.stateOf(serviceUserId)).toBe("active");
});

test("each verb is enforced everywhere when it has returned, and repeating it changes nothing", async () => {
  const { serviceUserId } = await create();
  const { deactivateServiceUser, activateServiceUser, lockServiceUser, unlockServiceUser } =
    identity.serviceUsers;
  const steps = [
    [deactivateServiceUser, "inactive", State.INACTIVE],
    [activateServiceUser, "active", State.ACTIVE],
    [lockServiceUser, "locked", State.LOCKED],
    [unlockServiceUser, "active", State.ACTIVE],
  ] as const;
  for (const [verb, enforced, state] of steps) {
    const first = await verb({ serviceUserId }, as("root"));
    expect(first.serviceUser?.state).toBe(state);
    expect([
      identity.credential.stateOf(serviceUserId),
      identity.authorization.stateOf(serviceUserId),
    ]).toEqual([enforced, enforced]);
    expect((await verb({ serviceUserId }, as("root"))).serviceUser?.etag).toBe(first.serviceUser?.etag);
  }
});

test("a lock can't be undone by the account; what it deactivates meanwhile holds after the unlock", async () => {
  const { serviceUserId } = await create();
  await identity.serviceUsers.lockServiceUser({ serviceUserId }, as("root"));
  expect(await reason(identity.serviceUsers.activateServiceUser({ serviceUserId }, as("admin")))).toBe(
    "SERVICE_USER_LOCKED",
  );
  await identity.serviceUsers.deactivateServiceUser({ serviceUserId }, as("admin"));
  expect(identity.credential.stateOf(serviceUserId)).toBe("locked");
  const { serviceUser } = await identity.serviceUsers.unlockServiceUser({ serviceUserId }, as("root"));
  expect(serviceUser?.state).toBe(State.INACTIVE);
});

test("delete is final: gone from every reading, and no verb finds it again", async () => {
  const { serviceUserId, address } = await create();
  const { serviceUser } = await identity.serviceUsers.deleteServiceUser({ serviceUserId }, as("admin"));
  expect(serviceUser?.state).toBe(State.DELETED);
  expect(identity.credential.stateOf(serviceUserId)).toBe("deleted");
  for (const ref of [serviceUserId, address]) {
    for (const verb of ["getServiceUser", "activateServiceUser", "deleteServiceUser"] as const) {
      expect(await reason(identity.serviceUsers[verb]({ serviceUserId: ref }, as("admin")))).toBe(
        "SERVICE_USER_NOT_FOUND",
      );
    }
  }
});

test("validate_only tells what would break and changes nothing", async () => {
  const { serviceUserId } = await create();
  identity.credential.dependents = [{ kind: "authtokens", count: 3 }];
  const answer = await identity.serviceUsers.deleteServiceUser(
    { serviceUserId, validateOnly: true },
    as("admin"),
  );
  identity.credential.dependents = [];
  expect(answer.serviceUser?.state).toBe(State.DELETED);
  expect(answer.dependents.map(({ kind, count }) => [kind, count])).toEqual([["authtokens", 3n]]);
  const { serviceUser } = await identity.serviceUsers.getServiceUser({ serviceUserId }, as("admin"));
  expect(serviceUser?.state).toBe(State.ACTIVE);
});

test("a repeated request is done once; the same id with another body is refused", async () => {
  const request = { name: uniqueName("once"), requestId: "req-1" };
  const first = await identity.serviceUsers.createServiceUser(request, as("admin"));
  const second = await identity.serviceUsers.createServiceUser(request, as("admin"));
  expect(second.serviceUser?.serviceUserId).toBe(first.serviceUser?.serviceUserId);
  const other = identity.serviceUsers.createServiceUser({ ...request, name: uniqueName() }, as("admin"));
  expect(await reason(other)).toBe("REQUEST_ID_REUSED");
  // Somebody else's request ids are their own.
  await identity.serviceUsers.createServiceUser(request, as("stranger"));
});

test("a repeated delete is answered again, by the same request id only", async () => {
  const { serviceUserId } = await create();
  const request = { serviceUserId, requestId: "delete-1" };
  await identity.serviceUsers.deleteServiceUser(request, as("admin"));
  const { serviceUser } = await identity.serviceUsers.deleteServiceUser(request, as("admin"));
  expect(serviceUser?.state).toBe(State.DELETED);
});

test("twenty calls with one request id create one service user", async () => {
  const request = { name: uniqueName("race"), requestId: "req-race" };
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => identity.serviceUsers.createServiceUser(request, as("admin"))),
  );
  expect(new Set(answers.map(({ serviceUser }) => serviceUser?.serviceUserId)).size).toBe(1);
});

test("of many that take one name at once, one gets it", async () => {
  const name = uniqueName("wanted");
  const results = await Promise.allSettled(Array.from({ length: 10 }, () => create(name)));
  const reasons = results.map((result) => (result.status === "fulfilled" ? "ok" : reasonOf(result.reason)));
  expect(reasons.toSorted()).toEqual([...Array<string>(9).fill("SERVICE_USER_NAME_TAKEN"), "ok"]);
});

test("a super administrator works in any account; one that does not exist is not found", async () => {
  const { serviceUser } = await identity.serviceUsers.createServiceUser(
    { accountId: identity.globex, name: uniqueName() },
    as("root"),
  );
  expect(serviceUser?.accountId).toBe(identity.globex);
  for (const accountId of ["acct_01h455vb4pex5vsknk084sn02q", "nonsense"]) {
    expect(await reason(identity.serviceUsers.createServiceUser({ accountId, name: "x" }, as("root")))).toBe(
      "ACCOUNT_NOT_FOUND",
    );
  }
});
