import { randomUUID } from "node:crypto";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import {
  Health,
  HealthCheckResponse_ServingStatus as Status,
} from "@portcullis/contracts/grpc/health/v1/health_pb.ts";
import { VerificationResult as Result } from "@portcullis/contracts/portcullis/credential/v1/verification_pb.ts";
import { noRedisServer } from "@portcullis/redis/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Clients, connectClients, reasonFrom } from "./support/connect-client.ts";
import { type Installation, startInstallation } from "./support/installation.ts";

let installation: Installation;
let root: Clients;
beforeAll(async () => {
  installation = await startInstallation();
  root = connectClients(installation, installation.apiKey);
});
afterAll(() => installation[Symbol.asyncDispose]());

async function newProof() {
  const { serviceUser } = await root.serviceUsers.createServiceUser({ name: `bot-${randomUUID()}` });
  const serviceUserId = serviceUser?.serviceUserId ?? expect.fail();
  const { token } = await root.credentials.createAuthtoken({ ownerId: serviceUserId });
  return { serviceUserId, token };
}
async function verifyAt(replica: number, token: string, sourceIp = ""): Promise<Result | undefined> {
  return (await root.verify[replica]?.verifyToken({ token, sourceIp }))?.verification?.result;
}
/** A token with the same key id and another, well-formed secret: what somebody who guesses would send. */
async function withWrongSecret(token: string): Promise<string> {
  const { crc32 } = await import("node:zlib");
  const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  const body = `${token.slice(0, -7)}${token.at(-7) === "0" ? "1" : "0"}`;
  let rest = crc32(body);
  let checksum = "";
  for (let digit = 0; digit < 6; digit++, rest = Math.floor(rest / 62))
    checksum = alphabet[rest % 62] + checksum;
  return body + checksum;
}

test("guesses are counted over all replicas, for the address and key they come with and no other", async (context) => {
  if (installation.redis === undefined) return context.skip(noRedisServer);
  const { token, serviceUserId } = await newProof();
  const other = await root.credentials.createAuthtoken({ ownerId: serviceUserId });
  const wrong = await withWrongSecret(token);
  expect(await verifyAt(0, wrong, "192.0.2.1")).toBe(Result.UNKNOWN);
  for (let attempt = 0; attempt < 10; attempt++) await verifyAt(attempt % 2, wrong, "192.0.2.1");
  // Each replica learns the common count with its own next failure.
  await expect.poll(() => verifyAt(0, wrong, "192.0.2.1")).toBe(Result.THROTTLED);
  await expect.poll(() => verifyAt(1, wrong, "192.0.2.1")).toBe(Result.THROTTLED);
  expect(await verifyAt(0, token, "192.0.2.2")).toBe(Result.VALID);
  expect(await verifyAt(0, other.token, "192.0.2.1")).toBe(Result.VALID);
  expect(await verifyAt(0, token)).toBe(Result.VALID);
});

test("without Redis everything goes on, and guesses are still limited by each replica", async (context) => {
  if (installation.redis === undefined) return context.skip(noRedisServer);
  process.kill(installation.redis.pid, "SIGKILL");
  const { token, serviceUserId } = await newProof();
  expect(await verifyAt(0, token, "192.0.2.9")).toBe(Result.VALID);
  const wrong = await withWrongSecret(token);
  for (let attempt = 0; attempt < 10; attempt++)
    expect(await verifyAt(1, wrong, "192.0.2.9")).toBe(Result.UNKNOWN);
  expect(await verifyAt(1, wrong, "192.0.2.9")).toBe(Result.THROTTLED);
  await root.serviceUsers.deactivateServiceUser({ serviceUserId });
  expect(await verifyAt(0, token)).toBe(Result.OWNER_INACTIVE);
});

test("without Postgres nothing is accepted and nothing is changed; when it is back all goes on by itself", async () => {
  const { token, serviceUserId } = await newProof();
  process.kill(installation.postgres.pid, "SIGKILL");
  await installation.postgres.exited;
  const calls = [
    root.verify[0]?.verifyToken({ token }),
    root.verify[1]?.verifyToken({ token }),
    root.credentials.createAuthtoken({ ownerId: serviceUserId }),
    root.serviceUsers.deactivateServiceUser({ serviceUserId }),
    root.serviceUsers.getServiceUser({ serviceUserId }),
    root.checks.check({
      subject: { accountId: installation.accountId, principalId: serviceUserId },
      permissionId: "x",
    }),
  ];
  const reasons = await Promise.all(calls.map((call) => reasonFrom(call ?? expect.fail())));
  expect(reasons).toEqual(calls.map(() => "DEPENDENCY_UNAVAILABLE"));
  const health = createClient(Health, createGrpcTransport({ baseUrl: installation.credentials[0].url }));
  expect((await health.check({})).status).toBe(Status.NOT_SERVING);

  await installation.restartPostgres();
  await expect.poll(() => reasonFrom(verifyAt(0, token)), { timeout: 30_000 }).toBe("ok");
  await expect
    .poll(() => reasonFrom(root.serviceUsers.getServiceUser({ serviceUserId })), { timeout: 30_000 })
    .toBe("ok");
  expect(await verifyAt(0, token)).toBe(Result.VALID);
  expect(await reasonFrom(root.serviceUsers.deactivateServiceUser({ serviceUserId }))).toBe("ok");
  expect([await verifyAt(0, token), await verifyAt(1, token)]).toEqual([
    Result.OWNER_INACTIVE,
    Result.OWNER_INACTIVE,
  ]);
  expect((await health.check({})).status).toBe(Status.SERVING);
});

test("no log of any service has a secret in it", async () => {
  const { token, serviceUserId } = await newProof();
  const { token: apiKey } = await root.credentials.createApiKey({ ownerId: serviceUserId });
  await verifyAt(0, token);
  await reasonFrom(connectClients(installation, apiKey).accounts.listAccounts({}));
  await reasonFrom(connectClients(installation, `${apiKey}x`).accounts.listAccounts({}));
  const { identity, authorization, credentials } = installation;
  const log = [identity, authorization, ...credentials].flatMap((process) => process.log).join("\n");
  expect(log).toContain("VerifyToken");
  expect(log).not.toMatch(/pc(at|ak|se)_[0-9A-Za-z]{10}/);
  expect(log).not.toContain("Bearer ");
});
