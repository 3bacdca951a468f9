import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import {
  createChecker,
  createClients,
  createVerifier,
  type Ending,
  type Revoked,
  type Verifier,
  type VerifierSettings,
} from "@portcullis/sdk";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type Clients, connectClients } from "./support/connect-client.ts";
import { freePorts } from "./support/free-port.ts";
import { type Installation, startInstallation } from "./support/installation.ts";
import { newSshPublicKey } from "./support/ssh-key.ts";

let installation: Installation;
let root: Clients;
beforeAll(async () => {
  installation = await startInstallation();
  root = connectClients(installation, installation.apiKey);
});
afterAll(() => installation[Symbol.asyncDispose]());

const open: Disposable[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one[Symbol.dispose]();
});

const both = () => installation.credentials.map(({ url }) => url);

/** One that remembers: changes arrive. */
async function newVerifier(addresses: readonly string[], settings: VerifierSettings = {}): Promise<Verifier> {
  const verifier = createVerifier({ addresses, apiKey: installation.apiKey, ...settings });
  open.push(verifier);
  await untilRemembering(verifier);
  return verifier;
}

function untilRemembering(verifier: Verifier): Promise<void> {
  return expect
    .poll(() => verifier.stats(), { timeout: 20_000, interval: 10 })
    .toMatchObject({ isFollowing: true, leaseRemainingMs: expect.toSatisfy((ms: number) => ms > 0) });
}

async function newProof() {
  const { serviceUser } = await root.serviceUsers.createServiceUser({ name: `bot-${randomUUID()}` });
  const serviceUserId = serviceUser?.serviceUserId ?? expect.fail();
  const { token, credential } = await root.credentials.createAuthtoken({ ownerId: serviceUserId });
  return { serviceUserId, token, credentialId: credential?.credentialId ?? expect.fail() };
}

/** The result, and whether it came from memory. */
async function look(verifier: Verifier, token: string): Promise<string> {
  const answer = verifier.verify(token);
  return answer instanceof Promise ? `asked: ${(await answer).result}` : `remembered: ${answer.result}`;
}

async function untilRemembered(verifier: Verifier, token: string): Promise<void> {
  await expect.poll(() => look(verifier, token), { interval: 5, timeout: 20_000 }).toBe("remembered: valid");
}

async function refusalOf(verifier: Verifier, token: string): Promise<string> {
  try {
    return (await verifier.verify(token)).result;
  } catch (error) {
    return error instanceof Error && "code" in error ? String(error.code) : "no PortcullisError";
  }
}

test.each([
  ["one replica", 1],
  ["two replicas", 2],
])("what is revoked is refused by the next verification from memory too, with %s", async (_, count) => {
  // The replica that the change is not made at.
  const verifier = await newVerifier(both().slice(2 - count));
  for (let round = 0; round < 10; round++) {
    const { token, credentialId } = await newProof();
    await untilRemembered(verifier, token);
    await root.credentials.revokeCredential({ credentialId });
    expect((await verifier.verify(token)).result).toBe("revoked");
  }
});

test("what is deactivated is refused, and what is activated again is accepted, at once", async () => {
  const verifier = await newVerifier(both());
  const { token, serviceUserId } = await newProof();
  for (let round = 0; round < 5; round++) {
    await untilRemembered(verifier, token);
    await root.serviceUsers.deactivateServiceUser({ serviceUserId });
    expect((await verifier.verify(token)).result).toBe("owner_inactive");
    await root.serviceUsers.activateServiceUser({ serviceUserId });
    expect((await verifier.verify(token)).result).toBe("valid");
  }
});

test("no verification is good that starts after a revocation has returned, while many go on", async () => {
  const verifier = await newVerifier(both());
  const stale: string[] = [];
  const proofs = await Promise.all(Array.from({ length: 20 }, newProof));
  const revoked = new Set<string>();
  const over = new AbortController();
  const hammer = async () => {
    while (!over.signal.aborted) {
      for (const { token } of proofs) {
        const isRevoked = revoked.has(token);
        const { result } = await verifier.verify(token);
        if (isRevoked && result === "valid") stale.push(token);
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const hammers = [hammer(), hammer(), hammer()];
  for (const { token, credentialId } of proofs) {
    await root.credentials.revokeCredential({ credentialId });
    revoked.add(token);
  }
  over.abort();
  await Promise.all(hammers);
  expect(stale).toEqual([]);
  expect(verifier.stats().hits).toBeGreaterThan(100);
});

test("questions of a moment are answered each for itself, kinds, actions, keys and garbage alike", async () => {
  const verifier = await newVerifier(both());
  const { token, serviceUserId } = await newProof();
  const publicKey = newSshPublicKey();
  await root.credentials.createSshKey({ ownerId: serviceUserId, publicKey });
  const restricted = await root.credentials.createAuthtoken({
    ownerId: serviceUserId,
    aclRules: ["bind:*.example.com"],
  });
  const ask = async () => {
    const answers = await Promise.all([
      verifier.verify(token),
      verifier.verify(token, { acceptedKinds: ["api_key"] }),
      verifier.verify(restricted.token, { action: { host: "a.example.com" } }),
      verifier.verify(restricted.token, { action: { host: "a.example.org" } }),
      verifier.verify("pcat_garbage"),
      verifier.verify("x".repeat(100_000)),
      verifier.verifySshKey(publicKey),
      verifier.verifySshKey(newSshPublicKey()),
    ]);
    return answers.map(({ result }) => result);
  };
  const expected = "valid wrong_kind valid acl_denied malformed malformed valid unknown".split(" ");
  const wrong = verifier.verifyAsync(token, { sourceIp: "nowhere", action: { host: "a.example.com" } });
  const [answers] = await Promise.all([
    ask(),
    expect(wrong).rejects.toMatchObject({ code: "INVALID_ARGUMENT" }),
  ]);
  expect(answers).toEqual(expected);
  const { hits } = verifier.stats();
  expect(await ask()).toEqual(expected);
  expect(verifier.stats().hits - hits).toBe(5);
});

test("memory is bounded, and what does not fit is asked about", async () => {
  const verifier = await newVerifier(both(), { memory: { entriesMax: 5 } });
  const proofs = await Promise.all(Array.from({ length: 12 }, newProof));
  for (const { token } of [...proofs, ...proofs])
    expect(await verifier.verifyAsync(token)).toMatchObject({ result: "valid" });
  expect(verifier.stats().entries).toBe(5);
});

test("what is kept in use is ended when it stops to be good, and counted in the receipt", async () => {
  const verifier = await newVerifier(both());
  const { token, credentialId, serviceUserId } = await newProof();
  const endings: Ending[] = [];
  const kept = await verifier.keep(token, {}, (ending) => endings.push(ending));
  const released = await verifier.keep(token, {}, () => expect.fail("it was released"));
  expect([kept.verification.result, verifier.stats().kept]).toEqual(["valid", 2]);
  released.release();
  await root.credentials.updateCredential({
    credentialId,
    description: "still good",
    updateMask: { paths: ["description"] },
  });
  const { receipt } = await root.credentials.revokeCredential({ credentialId });
  await expect.poll(() => endings).toMatchObject([{ result: "revoked" }]);
  expect(receipt?.statement?.enforcements[0]?.sessionsClosed).toBe(1n);
  expect(verifier.stats().kept).toBe(0);
  const { token: second } = await root.credentials.createAuthtoken({ ownerId: serviceUserId });
  await root.serviceUsers.deactivateServiceUser({ serviceUserId });
  const refused = await verifier.keep(second, {}, () => expect.fail("it was never good"));
  expect(refused.verification.result).toBe("owner_inactive");
});

test("remembered credentials that stop to be good are told of, others are not", async () => {
  const told: Revoked[] = [];
  const verifier = await newVerifier(both(), { onRevoked: (revoked) => told.push(revoked) });
  const [lost, changed] = await Promise.all([newProof(), newProof()]);
  await untilRemembered(verifier, lost.token);
  await untilRemembered(verifier, changed.token);
  const { credentialId } = changed;
  await root.credentials.updateCredential({
    credentialId,
    description: "still good",
    updateMask: { paths: ["description"] },
  });
  await root.serviceUsers.deactivateServiceUser({ serviceUserId: lost.serviceUserId });
  await expect.poll(() => told).toHaveLength(1);
  expect(told[0]).toMatchObject({
    credential: { credentialId: lost.credentialId },
    verification: { result: "owner_inactive" },
  });
  await root.credentials.revokeCredential({ credentialId });
  await expect.poll(() => told).toHaveLength(2);
});

test("a stream that is cut: memory answers for the rest of the lease, and writers wait for that", async () => {
  const proxy = await startProxy(installation.credentials[1].port);
  const verifier = await newVerifier([proxy.url]);
  const { token, credentialId } = await newProof();
  await untilRemembered(verifier, token);
  proxy.cut();
  expect(await look(verifier, token)).toBe("remembered: valid");
  const revoking = root.credentials.revokeCredential({ credentialId });
  await revoking;
  expect(verifier.stats().leaseRemainingMs).toBe(0);
  expect(await refusalOf(verifier, token)).toBe("UNAVAILABLE");
  await proxy.mend();
  await untilRemembering(verifier);
  expect(await refusalOf(verifier, token)).toBe("revoked");
});

test("a replica that is stopped: its callers get no answer of before, and no answer where there is no other", async () => {
  const [, second] = installation.credentials;
  const alone = await newVerifier([second.url], { timeoutMs: 1_500 });
  const balanced = await newVerifier(both(), { timeoutMs: 6_000 });
  const { token, credentialId } = await newProof();
  await untilRemembered(alone, token);
  await untilRemembered(balanced, token);
  second.signal("SIGSTOP");
  try {
    await root.credentials.revokeCredential({ credentialId });
    const [one, other] = await Promise.all([refusalOf(alone, token), refusalOf(balanced, token)]);
    expect(other).toBe("revoked");
    expect(["DEADLINE_EXCEEDED", "UNAVAILABLE"]).toContain(one);
  } finally {
    second.signal("SIGCONT");
  }
  await expect.poll(() => refusalOf(alone, token), { timeout: 20_000 }).toBe("revoked");
});

test("replicas that are killed and started again one after the other leave no stale answer", async () => {
  const verifier = await newVerifier(both());
  const endings: string[] = [];
  const lasting = await newProof();
  await verifier.keep(lasting.token, {}, ({ result }) => endings.push(result));
  for (const replica of installation.credentials.toReversed()) {
    const { token, serviceUserId } = await newProof();
    await untilRemembered(verifier, token);
    await replica.kill();
    const started = replica.start();
    await root.serviceUsers
      .deactivateServiceUser({ serviceUserId })
      // The first replica is the one that identity talks to.
      .catch(() => started.then(() => root.serviceUsers.deactivateServiceUser({ serviceUserId })));
    expect(await refusalOf(verifier, token)).toBe("owner_inactive");
    await started;
    await untilRemembering(verifier);
  }
  expect(endings).toEqual([]);
  await root.serviceUsers.deactivateServiceUser({ serviceUserId: lasting.serviceUserId });
  await expect.poll(() => endings).toEqual(["owner_inactive"]);
});

test("a replica that leaves in order leaves no stale answer behind", async () => {
  const [, second] = installation.credentials;
  const verifier = await newVerifier([second.url]);
  const proofs = await Promise.all(Array.from({ length: 60 }, newProof));
  for (const { token } of proofs) await verifier.verify(token);
  const stale: string[] = [];
  let hasLeft = false;
  const stopping = second.stop().finally(() => {
    hasLeft = true;
  });
  let after = 0;
  for (const { token, credentialId } of proofs) {
    await root.credentials.revokeCredential({ credentialId });
    if ((await refusalOf(verifier, token)) === "valid") stale.push(token);
    if (hasLeft && ++after === 10) break;
    if (!hasLeft) await new Promise((resolve) => setTimeout(resolve, 150));
  }
  await stopping;
  expect(stale).toEqual([]);
  await second.start();
});

test("a program that has ended its memory in order is not waited for", async () => {
  const took: number[] = [];
  for (let round = 0; round < 5; round++) {
    const verifier = await newVerifier(both());
    const { token, credentialId } = await newProof();
    await untilRemembered(verifier, token);
    verifier.close();
    const startMs = performance.now();
    await root.credentials.revokeCredential({ credentialId });
    took.push(performance.now() - startMs);
  }
  // Two thirds of a lease at least would be left.
  expect(Math.min(...took)).toBeLessThan(400);
});

test("with the service down, memory answers to the end of its lease, then nobody can say", async () => {
  const verifier = await newVerifier(both(), { unattendedMsMax: 2_000 });
  const endings: string[] = [];
  const { token } = await newProof();
  await verifier.keep(token, {}, ({ result }) => endings.push(result));
  await untilRemembered(verifier, token);
  await Promise.all(installation.credentials.map((replica) => replica.kill()));
  expect(await look(verifier, token)).toBe("remembered: valid");
  await expect.poll(() => verifier.stats().leaseRemainingMs, { interval: 20 }).toBe(0);
  expect(await refusalOf(verifier, token)).toBe("UNAVAILABLE");
  await expect.poll(() => endings, { timeout: 10_000 }).toEqual(["unavailable"]);
  await Promise.all(installation.credentials.map((replica) => replica.start()));
  await untilRemembering(verifier);
  expect(await refusalOf(verifier, token)).toBe("valid");
});

test("clients call every service, and a call that may be repeated outlives a replica", async () => {
  const [, second] = installation.credentials;
  const clients = createClients({
    identity: installation.identity.url,
    authorization: installation.authorization.url,
    credential: both(),
    apiKey: installation.apiKey,
  });
  open.push(clients);
  const { serviceUser } = await clients.serviceUsers.createServiceUser({ name: `bot-${randomUUID()}` });
  const ownerId = serviceUser?.serviceUserId ?? expect.fail();
  await second.kill();
  const created = await Promise.all(
    Array.from({ length: 6 }, () => clients.credentials.createAuthtoken({ ownerId })),
  );
  expect(new Set(created.map(({ credential }) => credential?.credentialId)).size).toBe(6);
  const { credentials } = await clients.credentials.listCredentials({ filter: { ownerId } });
  expect(credentials).toHaveLength(6);
  expect((await clients.roles.listRoles({})).roles.length).toBeGreaterThan(0);
  await second.start();
});

test("checks are asked of authorization, by subject and by token", async () => {
  const verifier = await newVerifier(both());
  const checker = createChecker({
    addresses: installation.authorization.url,
    apiKey: installation.apiKey,
    verifier,
  });
  open.push(checker);
  const { accountId, userId, apiKey } = installation;
  const admin = { accountId, principalId: userId };
  const stranger = { accountId, principalId: "user_nobody" };
  const permission = "credential.credentials.read";
  const decisions = await Promise.all([
    checker.check(admin, { permission }),
    checker.check(stranger, { permission }),
    checker.checkToken(apiKey, { permission }),
    checker.checkToken("pcak_garbage", { permission }),
  ]);
  expect(decisions.map(({ allowed }) => allowed)).toEqual([true, false, true, false]);
  expect(decisions[3]?.reason).toBe("token_refused");
  const batch = await checker.batchCheck(accountId, [
    { principalId: userId, permission },
    { principalId: "user_nobody", permission },
  ]);
  expect(batch.map(({ allowed }) => allowed)).toEqual([true, false]);
});

test("a decision is answered from memory, until what it rests on has changed", async () => {
  const { accountId } = installation;
  const checker = createChecker({ addresses: installation.authorization.url, apiKey: installation.apiKey });
  open.push(checker);
  const { serviceUserId } = await newProof();
  const subject = { accountId, principalId: serviceUserId };
  const question = { permission: "credential.credentials.read" };
  const askedOrRemembered = async () => {
    const answer = checker.check(subject, question);
    return answer instanceof Promise ? (await answer, "asked") : `remembered: ${answer.allowed}`;
  };
  for (let round = 0; round < 3; round++) {
    await expect.poll(askedOrRemembered, { timeout: 20_000, interval: 10 }).toBe("remembered: true");
    await root.serviceUsers.deactivateServiceUser({ serviceUserId });
    expect((await checker.check(subject, question)).allowed).toBe(false);
    await root.serviceUsers.activateServiceUser({ serviceUserId });
    expect((await checker.check(subject, question)).allowed).toBe(true);
  }
});

/** Stands before a replica, so that the way there can be cut without either side being told. */
async function startProxy(target: number) {
  const [port = 0] = await freePorts(1);
  const sockets = new Set<Socket>();
  let server: Server | undefined;
  const mend = async () => {
    server = createServer((socket) => {
      const upstream = connect(target, "127.0.0.1");
      for (const one of [socket, upstream]) {
        sockets.add(one);
        one.on("error", () => one.destroy()).on("close", () => sockets.delete(one));
      }
      socket.pipe(upstream).pipe(socket);
    }).listen(port, "127.0.0.1");
    await once(server, "listening");
  };
  const cut = () => {
    server?.close();
    for (const socket of sockets) socket.destroy();
  };
  await mend();
  open.push({ [Symbol.dispose]: cut });
  return { url: `http://127.0.0.1:${port}`, cut, mend };
}
