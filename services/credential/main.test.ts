import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import {
  Health,
  HealthCheckResponse_ServingStatus as Status,
} from "@portcullis/contracts/grpc/health/v1/health_pb.ts";
import { PrincipalKind, PrincipalState } from "@portcullis/contracts/portcullis/common/v1/principal_pb.ts";
import { CredentialService } from "@portcullis/contracts/portcullis/credential/v1/credential_pb.ts";
import { VerificationService } from "@portcullis/contracts/portcullis/credential/v1/verification_pb.ts";
import { PrincipalEnforcementService } from "@portcullis/contracts/portcullis/enforcement/v1/principal_enforcement_pb.ts";
import { defineMigrations } from "@portcullis/postgres";
import { createTestDatabase } from "@portcullis/postgres/testing";
import { createWorkloadTokenSource, newId } from "@portcullis/service";
import { newReceiptKey } from "@portcullis/service/receipts";
import { expect, onTestFinished, test } from "vitest";
import { migrations } from "./store/migrations/index.ts";
import { withWrongSecret } from "./testing/fixtures.ts";
import { as, refusalOf, resultOf } from "./testing/start-credential.ts";

const workloadKey = randomBytes(32);
const receiptKey = newReceiptKey();
const folder = import.meta.dirname;

/** A command of this service with an environment of its own, and all that it says. */
function run(file: string, variables: Record<string, string>) {
  const child: ChildProcess = spawn(process.execPath, [`${folder}/${file}`], {
    env: { PATH: process.env["PATH"], ...variables },
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const lines: string[] = [];
  const listening = Promise.withResolvers<number>();
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue;
    createInterface(stream).on("line", (line) => {
      lines.push(line);
      const port = /"port":(\d+),"msg":"listening"/.exec(line)?.[1];
      if (port !== undefined) listening.resolve(Number(port));
    });
  }
  const exited = once(child, "close").then(([code]: unknown[]) => {
    listening.reject(new Error(lines.join("\n")));
    return code;
  });
  listening.promise.catch(() => {});
  return { child, lines, listening: listening.promise, exited };
}

function environment(databaseUrl: string): Record<string, string> {
  return {
    PORT: "0",
    DATABASE_URL: databaseUrl,
    WORKLOAD_KEY: workloadKey.toString("base64"),
    RECEIPT_SIGNING_KEYS: receiptKey.signingEntry,
    // Nobody listens on port 1: all are away.
    REDIS_URL: "redis://:redis-password@127.0.0.1:1",
    AUTHORIZATION_URL: "http://127.0.0.1:1",
    IDENTITY_URL: "http://127.0.0.1:1",
  };
}

const messageOf = (line: string) => /"msg":"([^"]*)"/.exec(line)?.[1];

test("the process serves with Redis away, says no secret in its log, and ends with 0 when told to", async () => {
  const database = await createTestDatabase(migrations);
  const service = run("main.ts", environment(database.url));
  const port = await service.listening;
  const transport = createGrpcTransport({ baseUrl: `http://127.0.0.1:${port}` });
  const workload = async (name: string) =>
    as(await createWorkloadTokenSource(workloadKey, name, "credential")());
  const [operator, gateway] = [await workload("operator"), await workload("gateway")];

  const health = createClient(Health, transport);
  expect((await health.check({})).status).toBe(Status.SERVING);
  const [accountId, principalId] = [newId("acct"), newId("svc")];
  const principal = {
    accountId,
    principalId,
    kind: PrincipalKind.SERVICE_USER,
    state: PrincipalState.ACTIVE,
    version: 1n,
  };
  await createClient(PrincipalEnforcementService, transport).applyPrincipal(
    { principal },
    await workload("identity"),
  );
  const credentials = createClient(CredentialService, transport);
  const verification = createClient(VerificationService, transport);
  const { token } = await credentials.createApiKey({ accountId, ownerId: principalId }, operator);
  expect(await resultOf(verification.verifyToken({ token }, gateway))).toBe("VALID");
  const wrong = withWrongSecret(token, "api_key");
  const sourceIp = "192.0.2.1";
  for (const text of [wrong, wrong, `${token}x`]) {
    await verification.verifyToken({ token: text, sourceIp }, gateway);
    expect(await refusalOf(credentials.listCredentials({}, as(text)))).toBe("CREDENTIALS_INVALID");
  }
  // The key is good; whether it may list can't be asked.
  expect(await refusalOf(credentials.listCredentials({}, as(token)))).toBe("DEPENDENCY_UNAVAILABLE");
  const odd = { accountId, ownerId: principalId, aclRules: [token], description: token };
  expect(await refusalOf(credentials.createAuthtoken(odd, operator))).toBe("ACL_RULE_INVALID");

  service.child.kill("SIGTERM");
  expect(await service.exited).toBe(0);
  const text = service.lines.join("\n");
  const told = service.lines.filter((line) => line.includes("Redis is away")).map(messageOf);
  // Once by each part that does something else without it.
  expect(told.toSorted()).toEqual([
    "Redis is away: changes take up to a lease's time to be in force everywhere",
    "Redis is away: each replica counts failed attempts for itself",
  ]);
  expect(text).toContain("VerifyToken");
  for (const secret of [
    token.slice(28),
    wrong.slice(28),
    workloadKey.toString("base64"),
    receiptKey.signingEntry.split(":")[1] ?? "",
    "redis-password",
  ]) {
    expect(text).not.toContain(secret);
  }
  expect(text).not.toContain(gateway.headers.authorization.slice(7));
  await database.drop();
});

test("the process does not start on a database that was not migrated; the migrate command helps", async () => {
  const database = await createTestDatabase(defineMigrations({}));
  const early = run("main.ts", environment(database.url));
  expect(await early.exited).toBe(1);
  expect(early.lines.join()).toContain(`lacks ${migrations.size} migration`);
  const migrate = run("migrate.ts", { DATABASE_URL: database.url });
  expect(await migrate.exited).toBe(0);
  expect(migrate.lines).toEqual([`credential: applied ${[...migrations.keys()].join(", ")}`]);
  const service = run("main.ts", environment(database.url));
  await service.listening;
  service.child.kill("SIGTERM");
  expect(await service.exited).toBe(0);
  await database.drop();
});

test("the process names every problem of its configuration, and no value", async () => {
  const wrong = { ...environment("mysql://secret@host/x"), REDIS_URL: "" };
  const service = run("main.ts", wrong);
  expect(await service.exited).toBe(78);
  const text = service.lines.join("\n");
  expect(text).toContain("DATABASE_URL");
  expect(text).toContain("REDIS_URL: set exactly one of");
  expect(text).not.toContain("secret");
});
