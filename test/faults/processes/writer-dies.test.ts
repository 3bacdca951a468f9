import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConnectError } from "@connectrpc/connect";
import { EnforcementMethod, VerifierOutcome } from "@portcullis/contracts/portcullis/common/v1/receipt_pb.ts";
import { VerificationResult as Result } from "@portcullis/contracts/portcullis/credential/v1/verification_pb.ts";
import { newId } from "@portcullis/service";
import { expect, test } from "vitest";
import { startCluster } from "./cluster.ts";
import { createAdmin, createSubject, createVictim } from "./subjects.ts";

test("a writer that dies between its commit and the push: the same request gets the receipt elsewhere, and only when it is true", async () => {
  const folder = await mkdtemp(join(tmpdir(), "portcullis-dies-"));
  const dieAt = join(folder, "now");
  const preload = join(import.meta.dirname, "sabotage/dies-before-push.ts");
  await using cluster = await startCluster({ replicas: 3, preload, environment: { DIE_AT: dieAt } });
  const [first, second, third] = cluster.replicas;
  if (first === undefined || second === undefined || third === undefined) return expect.fail();
  const accountId = newId("acct");
  const owner = await createSubject(first.clients, accountId);
  const { apiKey } = await createAdmin(first.clients, accountId);
  const { token, credentialId } = await createVictim(first.clients, owner);
  const verifyAt = async ({ clients }: typeof first) =>
    (await clients.verification.verifyToken({ token })).verification?.result;
  for (const replica of [first, second, third]) expect(await verifyAt(replica)).toBe(Result.VALID);

  const headers = { authorization: `Bearer ${apiKey}` };
  const request = { accountId, credentialId, requestId: "revoke-once" };
  await writeFile(dieAt, "");
  await expect(first.clients.credentials.revokeCredential(request, { headers })).rejects.toBeInstanceOf(
    ConnectError,
  );
  await rm(folder, { recursive: true });
  await expect.poll(() => first.process.isRunning(), { timeout: 10_000 }).toBe(false);

  const { receipt } = await second.clients.credentials.revokeCredential(request, { headers });
  for (const replica of [second, third]) expect(await verifyAt(replica)).toBe(Result.REVOKED);
  const [enforcement] = receipt?.statement?.enforcements ?? [];
  // Of the dead one nothing can be heard: its lease was waited for.
  expect(enforcement?.method).toBe(EnforcementMethod.WAITED);
  const outcomes = new Map(
    enforcement?.verifiers.map(({ replicaId, outcome }) => [replicaId.split("/")[0], outcome]),
  );
  expect(outcomes).toEqual(
    new Map([
      ["replica-1", VerifierOutcome.LEASE_OVER],
      ["replica-2", VerifierOutcome.ACKNOWLEDGED],
      ["replica-3", VerifierOutcome.ACKNOWLEDGED],
    ]),
  );
});
