import { randomUUID } from "node:crypto";
import { Code, ConnectError } from "@connectrpc/connect";
import { VerificationResult as Result } from "@portcullis/contracts/portcullis/credential/v1/verification_pb.ts";
import { ServiceUserState as State } from "@portcullis/contracts/portcullis/identity/v1/service_user_pb.ts";
import { newId } from "@portcullis/service";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Clients, connectClients, reasonFrom } from "./support/connect-client.ts";
import { openIdentityDatabase } from "./support/identity-database.ts";
import { type Installation, startInstallation } from "./support/installation.ts";
import { credentialsPart, statementOf } from "./support/receipt.ts";
import { holdPrincipal } from "./support/row-lock.ts";

let installation: Installation;
let root: Clients;
let database: ReturnType<typeof openIdentityDatabase>;
beforeAll(async () => {
  installation = await startInstallation();
  root = connectClients(installation, installation.apiKey);
  database = openIdentityDatabase(installation);
});
afterAll(async () => {
  await database.close();
  await installation[Symbol.asyncDispose]();
});

async function newProof() {
  const { serviceUser } = await root.serviceUsers.createServiceUser({ name: `bot-${randomUUID()}` });
  const serviceUserId = serviceUser?.serviceUserId ?? expect.fail();
  const { token } = await root.credentials.createAuthtoken({ ownerId: serviceUserId });
  return { serviceUserId, token };
}
/** From the replica that identity does not talk to. */
async function verify(token: string): Promise<Result | undefined> {
  return (await root.verify[1]?.verifyToken({ token }))?.verification?.result;
}

test("identity killed between its commit and the confirmations: nobody was told OK, it is enforced after the restart, and a repeat of the request gets the receipt", async () => {
  const { serviceUserId, token } = await newProof();
  const hold = await holdPrincipal(installation, "credential", serviceUserId);
  const request = { serviceUserId, requestId: `deactivate-${randomUUID()}` };
  const answer = reasonFrom(root.serviceUsers.deactivateServiceUser(request));
  // Committed, confirmed by authorization, and on its way to credential.
  await database.untilOwed(serviceUserId, ["credential"]);
  await installation.identity.kill();
  expect(await answer).not.toBe("ok");
  // What had reached credential dies with it: from here on only the outbox knows.
  await installation.credentials[0].kill();
  await hold.releaseAfterEndingWaiters();
  await installation.credentials[0].start();
  expect(await verify(token)).toBe(Result.VALID);
  await installation.identity.start();
  await expect.poll(() => verify(token), { timeout: 30_000 }).toBe(Result.OWNER_INACTIVE);
  await database.untilOwed(serviceUserId, []);
  const statement = await statementOf(installation, await root.serviceUsers.deactivateServiceUser(request));
  expect(statement).toMatchObject({ operation: "service_user.deactivate", targetId: serviceUserId });
  const { revision, verifiers } = credentialsPart(statement);
  expect(revision).toBeGreaterThan(0n);
  expect(verifiers.length).toBeGreaterThanOrEqual(2);
});

test("an enforcer that does not confirm in time: ENFORCEMENT_PENDING, and OK for the same request once it has", async () => {
  const { serviceUserId, token } = await newProof();
  const hold = await holdPrincipal(installation, "credential", serviceUserId);
  const request = { serviceUserId, requestId: `deactivate-${randomUUID()}` };
  expect(await reasonFrom(root.serviceUsers.deactivateServiceUser(request))).toBe("ENFORCEMENT_PENDING");
  await hold.release();
  const { serviceUser, receipt } = await root.serviceUsers.deactivateServiceUser(request);
  expect(serviceUser?.state).toBe(State.INACTIVE);
  expect((await statementOf(installation, { receipt })).targetId).toBe(serviceUserId);
  expect(await verify(token)).toBe(Result.OWNER_INACTIVE);
  expect(await database.owed(serviceUserId)).toEqual([]);
});

test("a service that is away: every call that needs it is refused, nothing is changed, and all goes on when it is back", async () => {
  const { serviceUserId, token } = await newProof();
  const deactivate = () => reasonFrom(root.serviceUsers.deactivateServiceUser({ serviceUserId }));
  // Until then identity lets in whom it remembers, for a lease's time at most.
  const untilNobodyIsLetIn = () =>
    expect
      .poll(() => reasonFrom(root.serviceUsers.deactivateServiceUser({ serviceUserId: newId("svc") })), {
        timeout: 10_000,
      })
      .toBe("DEPENDENCY_UNAVAILABLE");
  await installation.authorization.kill();
  await untilNobodyIsLetIn();
  expect(await deactivate()).toBe("DEPENDENCY_UNAVAILABLE");
  await installation.authorization.start();
  await installation.credentials[0].kill();
  await untilNobodyIsLetIn();
  expect(await deactivate()).toBe("DEPENDENCY_UNAVAILABLE");
  await installation.credentials[0].start();
  const { serviceUser } = await root.serviceUsers.getServiceUser({ serviceUserId });
  expect(serviceUser?.state).toBe(State.ACTIVE);
  expect(await verify(token)).toBe(Result.VALID);
  expect(await deactivate()).toBe("ok");
});

test("storms of activate and deactivate from two sides end with all services agreeing on the last version", async () => {
  const { serviceUserId, token } = await newProof();
  const other = connectClients(installation, installation.apiKey, "connect");
  const storm = (clients: Clients, verb: "activateServiceUser" | "deactivateServiceUser") =>
    Array.from({ length: 40 }, () => reasonFrom(clients.serviceUsers[verb]({ serviceUserId })));
  const outcomes = await Promise.all([
    ...storm(root, "deactivateServiceUser"),
    ...storm(other, "activateServiceUser"),
    ...storm(other, "deactivateServiceUser"),
    ...storm(root, "activateServiceUser"),
  ]);
  expect(new Set(outcomes)).toEqual(new Set(["ok"]));
  expect(await database.owed(serviceUserId)).toEqual([]);
  const { serviceUser } = await root.serviceUsers.getServiceUser({ serviceUserId });
  const isActive = serviceUser?.state === State.ACTIVE;
  expect(await verify(token)).toBe(isActive ? Result.VALID : Result.OWNER_INACTIVE);
  const { allowed } = await root.checks.check({
    subject: { accountId: installation.accountId, principalId: serviceUserId },
    permissionId: "identity.account.read",
  });
  expect(allowed).toBe(isActive);
  const version = BigInt((serviceUser?.etag ?? "").slice(1));
  const { verification } = (await root.verify[0]?.verifyToken({ token })) ?? expect.fail();
  expect(verification?.credential?.ownerVersion).toBe(version);
});

test("a service that is asked to end answers what it has begun, and exits with 0", async () => {
  const [, second] = installation.credentials;
  const { token } = await newProof();
  await verify(token);
  const burst = Array.from({ length: 100 }, () =>
    verify(token).catch((error: unknown) => ConnectError.from(error)),
  );
  const exitCode = second.stop();
  const outcomes = await Promise.all(burst);
  expect(await exitCode).toBe(0);
  // Refused, so that it may be sent to another replica, or not taken at all; nothing else.
  const lost = outcomes.filter(
    (outcome) =>
      outcome !== Result.VALID &&
      !(
        outcome instanceof ConnectError &&
        (outcome.code === Code.Unavailable || /REFUSED_STREAM/.test(outcome.message))
      ),
  );
  expect(lost).toEqual([]);
  await second.start();
  expect(await verify(token)).toBe(Result.VALID);
});
