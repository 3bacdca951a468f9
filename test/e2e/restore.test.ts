import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { VerificationResult as Result } from "@portcullis/contracts/portcullis/credential/v1/verification_pb.ts";
import { openDatabase } from "@portcullis/postgres";
import { sql } from "kysely";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Clients, connectClients, reasonFrom } from "./support/connect-client.ts";
import { openIdentityDatabase } from "./support/identity-database.ts";
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
async function verify(token: string): Promise<Result | undefined> {
  return (await root.verify[0]?.verifyToken({ token }))?.verification?.result;
}
/** The statements of «Restoring» in docs/operations.md. */
async function documentedStatements(): Promise<readonly string[]> {
  const text = await readFile(join(import.meta.dirname, "../../docs/operations.md"), "utf8");
  const block = /## Restoring[\s\S]*?```sql\n([\s\S]*?)```/.exec(text)?.[1] ?? expect.fail("no statements");
  return block
    .split(";")
    .map((statement) => statement.trim())
    .filter(Boolean);
}

test.each([
  ["far enough for the enforcers to be ahead", 1],
  ["just so far that it gives a version anew that the enforcers know in another state", 2],
])(
  "identity's database restored to an earlier time, %s: no OK is given for what is not enforced, and the documented steps mend it",
  async (_how, version) => {
    const { serviceUserId, token } = await newProof();
    await root.serviceUsers.deactivateServiceUser({ serviceUserId });
    await root.serviceUsers.activateServiceUser({ serviceUserId });
    const { db, close } = openDatabase<unknown>({
      url: installation.databaseUrls.identity,
      applicationName: "e2e",
      poolSizeMax: 1,
      statementTimeoutMs: 10_000,
      connectTimeoutMs: 5_000,
      onError: () => {},
    });
    // The enforcers are at version 3, ACTIVE.
    const restored = sql`update service_users set state = 'active', version = ${version} where id = ${serviceUserId}`;
    await restored.execute(db);
    const deactivate = () => reasonFrom(root.serviceUsers.deactivateServiceUser({ serviceUserId }));
    expect(await deactivate()).toBe("ENFORCEMENT_PENDING");
    expect(await verify(token)).toBe(Result.VALID);

    await installation.identity.stop();
    for (const statement of await documentedStatements()) await sql.raw(statement).execute(db);
    await close();
    await installation.identity.start();
    const database = openIdentityDatabase(installation);
    await database.untilOwed(serviceUserId, []);
    await database.close();
    expect(await verify(token)).toBe(Result.OWNER_INACTIVE);
    expect(await deactivate()).toBe("ok");
  },
);

test("a suspension that identity's database lost with a restore ends with the documented steps", async () => {
  const { account } = await root.accounts.createAccount({ displayName: "Lost" });
  const accountId = account?.accountId ?? expect.fail();
  const { serviceUser } = await root.serviceUsers.createServiceUser({ accountId, name: "bot" });
  const ownerId = serviceUser?.serviceUserId ?? expect.fail();
  const { token } = await root.credentials.createAuthtoken({ accountId, ownerId });
  await root.accounts.suspendAccount({ accountId });
  expect(await verify(token)).toBe(Result.ACCOUNT_SUSPENDED);
  await installation.identity.stop();
  const { db, close } = openDatabase<unknown>({
    url: installation.databaseUrls.identity,
    applicationName: "e2e",
    poolSizeMax: 1,
    statementTimeoutMs: 10_000,
    connectTimeoutMs: 5_000,
    onError: () => {},
  });
  await sql`update accounts set state = 'active', version = 1 where id = ${accountId}`.execute(db);
  for (const statement of await documentedStatements()) await sql.raw(statement).execute(db);
  await close();
  await installation.identity.start();
  await expect.poll(() => verify(token), { timeout: 30_000, interval: 20 }).toBe(Result.VALID);
});
