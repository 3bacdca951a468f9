// What a verification costs with the SDK, on one core: answered from its memory, the lease looked at each time,
// beside a unary VerifyToken over gRPC and one over the SDK's stream, with the same service in the same run. Every
// answer is looked at. Takes about half a minute.
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { Client, credentials as grpcCredentials, Metadata } from "@grpc/grpc-js";
import { PrincipalKind, PrincipalState } from "@portcullis/contracts/portcullis/common/v1/principal_pb.ts";
import { CredentialService } from "@portcullis/contracts/portcullis/credential/v1/credential_pb.ts";
import {
  VerificationResult,
  VerifyTokenRequestSchema,
  VerifyTokenResponseSchema,
} from "@portcullis/contracts/portcullis/credential/v1/verification_pb.ts";
import { PrincipalEnforcementService } from "@portcullis/contracts/portcullis/enforcement/v1/principal_enforcement_pb.ts";
import { startEmbeddedPostgres } from "@portcullis/postgres/embedded";
import { createVerifier, type Verifier } from "@portcullis/sdk";
import { createWorkloadTokenSource, newId, parseWorkloadKey } from "@portcullis/service";
import { newReceiptKey } from "@portcullis/service/receipts";

const rounds = 5;
const roundMs = 1_500;
const tokenCounts = [1_000, 10_000];
const concurrency = 64;
/** What the design asks for: hits a second against unary calls a second. */
const ratioMin = 12;

const root = join(import.meta.dirname, "../..");
const folder = await mkdtemp(join(tmpdir(), "portcullis-bench-sdk-"));
const postgres = await startEmbeddedPostgres({ dataDir: join(folder, "postgres") });
let service: ChildProcess | undefined;
try {
  const workloadKey = randomBytes(32).toString("base64");
  const environment = {
    ...process.env,
    DATABASE_URL: await postgres.ensureDatabase("credential"),
    WORKLOAD_KEY: workloadKey,
    RECEIPT_SIGNING_KEYS: newReceiptKey().signingEntry,
    AUTHORIZATION_URL: "http://127.0.0.1:9",
    IDENTITY_URL: "http://127.0.0.1:9",
    REDIS_URL: "redis://127.0.0.1:1",
    PORT: "0",
    LOG_LEVEL: "info",
  };
  await promisify(execFile)(process.execPath, [join(root, "services/credential/migrate.ts")], {
    env: environment,
  });
  service = spawn(process.execPath, [join(root, "services/credential/main.ts")], {
    env: environment,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const address = `127.0.0.1:${await portOf(service)}`;
  const key = parseWorkloadKey(workloadKey);
  const tokenOf = (name: string) => createWorkloadTokenSource(key, name, "credential");
  const tokens = await createTokens(address, tokenOf, Math.max(...tokenCounts));
  using verifier = createVerifier({ addresses: address, token: tokenOf("gateway") });
  while (!verifier.stats().isFollowing) await delay(10);

  const unary = await unaryVerify(address, await tokenOf("gateway")(), tokens);
  const unaryRates: number[] = [];
  const streamRates: number[] = [];
  const hitRates = new Map<number, number[]>(tokenCounts.map((count) => [count, []]));
  using asking = createVerifier({
    addresses: address,
    token: tokenOf("gateway"),
    memory: { entriesMax: 0 },
  });
  for (let round = 0; round < rounds; round++) {
    unaryRates.push(await rate(unary.verify));
    streamRates.push(await rate((index) => asking.verifyAsync(tokens[index % tokens.length] ?? "")));
    for (const [count, rates] of hitRates) rates.push(await hitRate(verifier, tokens.slice(0, count)));
  }
  unary.close();
  report("unary VerifyToken, gRPC (grpc-js client)", unaryRates);
  report(`VerifyStream of the SDK, ${concurrency} at a time`, streamRates);
  for (const [count, rates] of hitRates) {
    report(`SDK hit, ${count} tokens, lease looked at`, rates);
    const ratio = median(rates) / median(unaryRates);
    console.log(`  ${ratio.toFixed(0)} × unary (at least ${ratioMin} is asked for)`);
    if (ratio < ratioMin) process.exitCode = 1;
  }
} finally {
  if (service !== undefined && service.exitCode === null) {
    service.kill();
    await once(service, "exit");
  }
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
}

/** Verifications a second of this process, one core, in bursts between which the event loop runs. */
async function hitRate(verifier: Verifier, tokens: readonly string[]): Promise<number> {
  for (const token of tokens) await verifier.verify(token);
  const before = verifier.stats();
  let done = 0;
  let busyMs = 0;
  let lastMs = performance.now();
  const endMs = lastMs + roundMs;
  // As from a request's header: texts that were never looked up before, so that nothing of them is known yet.
  let fresh = copies(tokens.slice(0, 500));
  for (let from = 500; performance.now() < endMs; from = (from + 500) % tokens.length) {
    lastMs = performance.now();
    for (const token of fresh) {
      const answer = verifier.verify(token);
      if (answer instanceof Promise) await answer;
      else if (answer.result !== "valid") throw new Error(`${answer.result} from memory`);
    }
    busyMs += performance.now() - lastMs;
    done += fresh.length;
    fresh = copies(tokens.slice(from, from + 500));
    await new Promise((resolve) => setImmediate(resolve));
  }
  const hits = verifier.stats().hits - before.hits;
  if (hits < done * 0.99) throw new Error(`${done - hits} of ${done} were not answered from memory`);
  return done / (busyMs / 1_000);
}

function copies(tokens: readonly string[]): readonly string[] {
  return tokens.map((token) => Buffer.from(token).toString("latin1"));
}

/** Calls a second with so many in flight. */
async function rate(call: (index: number) => Promise<{ readonly result: unknown }>): Promise<number> {
  const endMs = performance.now() + roundMs;
  const startMs = performance.now();
  let done = 0;
  const caller = async () => {
    while (performance.now() < endMs) {
      const { result } = await call(done++);
      if (result !== "valid") throw new Error(`${String(result)} from the service`);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, caller));
  return done / ((performance.now() - startMs) / 1_000);
}

/** As a program without the SDK would ask. */
async function unaryVerify(address: string, bearer: string, tokens: readonly string[]) {
  const client = new Client(address, grpcCredentials.createInsecure());
  const metadata = new Metadata();
  metadata.set("authorization", `Bearer ${bearer}`);
  const verify = (index: number) =>
    new Promise<{ readonly result: string }>((resolve, reject) => {
      client.makeUnaryRequest(
        "/portcullis.credential.v1.VerificationService/VerifyToken",
        (message: ReturnType<typeof requestOf>) => Buffer.from(toBinary(VerifyTokenRequestSchema, message)),
        (bytes) => fromBinary(VerifyTokenResponseSchema, bytes),
        requestOf(tokens[index % tokens.length] ?? ""),
        metadata,
        (error, answer) => {
          if (error !== null) reject(error);
          else
            resolve({
              result: answer?.verification?.result === VerificationResult.VALID ? "valid" : "refused",
            });
        },
      );
    });
  await verify(0);
  return { verify, close: () => client.close() };
}

function requestOf(token: string) {
  return create(VerifyTokenRequestSchema, { token });
}

async function createTokens(
  address: string,
  tokenOf: (name: string) => () => Promise<string>,
  count: number,
): Promise<readonly string[]> {
  const transport = createGrpcTransport({ baseUrl: `http://${address}` });
  const as = async (name: string) => ({ headers: { authorization: `Bearer ${await tokenOf(name)()}` } });
  const accountId = newId("acct");
  const principalId = newId("svc");
  const principal = {
    accountId,
    principalId,
    kind: PrincipalKind.SERVICE_USER,
    state: PrincipalState.ACTIVE,
    version: 1n,
  };
  await createClient(PrincipalEnforcementService, transport).applyPrincipal(
    { principal },
    await as("identity"),
  );
  const credentials = createClient(CredentialService, transport);
  const operator = await as("operator");
  const tokens: string[] = [];
  while (tokens.length < count) {
    const some = Array.from({ length: 50 }, () =>
      credentials.createApiKey({ accountId, ownerId: principalId, requestId: randomUUID() }, operator),
    );
    for (const { token } of await Promise.all(some)) tokens.push(token);
  }
  return tokens;
}

async function portOf({ stdout }: ChildProcess): Promise<number> {
  if (stdout === null) throw new Error("the service's output is not piped");
  const lines = createInterface({ input: stdout });
  for await (const line of lines) {
    const { msg, port } = JSON.parse(line) as { msg?: string; port?: number };
    if (msg !== "listening" || port === undefined) continue;
    lines.close();
    stdout.resume();
    return port;
  }
  throw new Error("the service ended before it listened");
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function report(name: string, rates: readonly number[]): void {
  const [low, high] = [Math.min(...rates), Math.max(...rates)];
  const text = [median(rates), low, high].map((one) => Math.round(one).toLocaleString("en"));
  console.log(`${name}: ${text[0]}/s (${text[1]} to ${text[2]})`);
}
