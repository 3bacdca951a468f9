import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import {
  Health,
  HealthCheckResponse_ServingStatus as Status,
} from "@portcullis/contracts/grpc/health/v1/health_pb.ts";
import { expect, test } from "vitest";
import { sshPublicKeyLine } from "./testing/fixtures.ts";
import { as, asWorkload, refusalOf, resultOf, startTestCredential } from "./testing/start-credential.ts";

test("with Postgres away what is remembered is answered until the lease is over, then nothing is accepted, and every call says so", async () => {
  // Long enough for a busy machine to ask once.
  await using service = await startTestCredential({ leaseMs: 2_000 });
  const gateway = await asWorkload("gateway");
  const admin = as(service.admin.apiKey);
  const { token } = await service.credentials.createAuthtoken({}, admin);
  const publicKey = sshPublicKeyLine();
  await service.credentials.createSshKey({ publicKey }, admin);
  const { verification } = service;
  const verifyToken = () => verification.verifyToken({ token }, gateway);
  expect(await resultOf(verifyToken())).toBe("VALID");
  const health = createClient(Health, createGrpcTransport({ baseUrl: `http://127.0.0.1:${service.port}` }));
  expect((await health.check({})).status).toBe(Status.SERVING);

  await service.cutDatabase();
  expect(await resultOf(verifyToken())).toBe("VALID");
  expect(await refusalOf(verification.verifySshKey({ publicKey }, gateway))).toBe("DEPENDENCY_UNAVAILABLE");
  await expect.poll(() => refusalOf(verifyToken()), { timeout: 10_000 }).toBe("DEPENDENCY_UNAVAILABLE");
  const operator = await asWorkload("operator");
  const { acme: accountId } = service;
  const owned = { accountId, ownerId: service.admin.principalId };
  for (const call of [
    verifyToken,
    () => verification.batchVerifyTokens({ requests: [{ token: "nonsense" }, { token }] }, gateway),
    () => verification.verifySshKey({ publicKey }, gateway),
    // Its caller can't be proven.
    () => service.credentials.listCredentials({}, admin),
    () => service.credentials.createAuthtoken(owned, operator),
  ]) {
    expect(await refusalOf(call())).toBe("DEPENDENCY_UNAVAILABLE");
  }
  // What is no token needs no database to be refused.
  expect(await resultOf(verification.verifyToken({ token: "nonsense" }, gateway))).toBe("MALFORMED");
  expect((await health.check({})).status).toBe(Status.NOT_SERVING);
});
