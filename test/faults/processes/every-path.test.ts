import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { type Client, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import {
  VerificationResult as Result,
  VerificationService,
} from "@portcullis/contracts/portcullis/credential/v1/verification_pb.ts";
import { type Database, openDatabase } from "@portcullis/postgres";
import { sql } from "kysely";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type Clients, connectClients } from "../../e2e/support/connect-client.ts";
import { type Installation, startInstallation } from "../../e2e/support/installation.ts";
import { newSshPublicKey } from "../../e2e/support/ssh-key.ts";
import { FaultProxy } from "./fault-proxy.ts";
import { KeptStream } from "./kept-stream.ts";
import { NearCache } from "./near-cache.ts";
import { invite, type Person, signUp } from "./people.ts";

type Verifier = Client<typeof VerificationService>;

let installation: Installation;
let root: Clients;
let detour: FaultProxy;
let database: Database<unknown>;
/** The two replicas that identity and clients talk to, and one whose answers from Postgres can be held up. */
let [first, second, third]: readonly Verifier[] = [];
/** Whose account has the members. */
let ann: Promise<Person> | undefined;
const streams: KeptStream[] = [];
const caches: NearCache[] = [];

beforeAll(async () => {
  installation = await startInstallation({
    async thirdCredentialDatabase(url) {
      detour = await FaultProxy.start(url);
      return detour.url;
    },
  });
  root = connectClients(installation, installation.apiKey);
  database = openDatabase({
    url: installation.postgres.url("credential"),
    applicationName: "every-path",
    poolSizeMax: 1,
    statementTimeoutMs: 10_000,
    connectTimeoutMs: 5_000,
    onError: () => {},
  });
  const verifierAt = (url: string): Verifier => {
    const authenticate = [
      (next) => async (request) => {
        request.header.set("authorization", `Bearer ${installation.apiKey}`);
        return next(request);
      },
    ] satisfies Parameters<typeof createGrpcTransport>[0]["interceptors"];
    return createClient(
      VerificationService,
      createGrpcTransport({ baseUrl: url, interceptors: authenticate }),
    );
  };
  const [atFirst, , atThird] = [...installation.credentials, installation.thirdCredential];
  // The second by its other door.
  const urls = [atFirst?.url, installation.credentialDataUrls[1], atThird?.url];
  [first, second, third] = urls.map((url) => verifierAt(url ?? expect.fail()));
  for (const verifier of [first, second]) {
    const client = verifier ?? expect.fail();
    streams.push(new KeptStream(client));
    const cache = new NearCache(client);
    cache.start();
    caches.push(cache);
  }
}, 120_000);
afterEach(() => detour.heal());
afterAll(async () => {
  await Promise.all([...streams, ...caches].map((one) => one.close()));
  await database.close();
  await installation[Symbol.asyncDispose]();
  await detour.close();
});

type Kind = "authtoken" | "API key" | "SSH key" | "session";

/** One credential, and what becomes of it. */
interface Proof {
  readonly kind: "token" | "sshKey";
  readonly name: string;
  readonly accountId: string;
  readonly credentialId: string;
}

interface Owner {
  readonly accountId: string;
  readonly ownerId: string;
  /** For sessions. */
  readonly person?: Person;
}

async function create(kind: Kind, owner: Owner, expiresAtMs: number | undefined): Promise<Proof> {
  const { accountId, ownerId, person } = owner;
  const request = {
    accountId,
    ownerId,
    ...(expiresAtMs === undefined ? {} : { expireTime: timestampFromMs(expiresAtMs) }),
  };
  const proofOf = (name: string, credentialId = "", proves: Proof["kind"] = "token") => {
    return { kind: proves, name, accountId, credentialId };
  };
  switch (kind) {
    case "authtoken": {
      const { token, credential } = await root.credentials.createAuthtoken(request);
      return proofOf(token, credential?.credentialId);
    }
    case "API key": {
      const { token, credential } = await root.credentials.createApiKey(request);
      return proofOf(token, credential?.credentialId);
    }
    case "SSH key": {
      const publicKey = newSshPublicKey();
      const { credential } = await root.credentials.createSshKey({ ...request, publicKey });
      return proofOf(publicKey, credential?.credentialId, "sshKey");
    }
    case "session": {
      const { token } = (await person?.signIn()) ?? expect.fail();
      const { verification } = (await first?.verifyToken({ token })) ?? expect.fail();
      return proofOf(token, verification?.credential?.credentialId);
    }
  }
}

async function verify(verifier: Verifier | undefined, { kind, name }: Proof): Promise<Result | undefined> {
  const answer =
    kind === "token" ? verifier?.verifyToken({ token: name }) : verifier?.verifySshKey({ publicKey: name });
  return (await answer)?.verification?.result;
}

const check = async ({ name }: Proof) =>
  (await root.checks.check({ token: name, permissionId: "credential.credentials.write" })).allowed;

/** For each way to use a credential one of its own, for what is cold in one is hot in another. */
interface Proofs {
  readonly hot: Proof;
  readonly cold: Proof;
  readonly inFlight: Proof;
  readonly kept: Proof;
  readonly remembered: Proof;
  readonly checked: Proof | undefined;
}

async function createProofs(kind: Kind, owner: Owner, expiresAtMs?: number): Promise<Proofs> {
  const one = () => create(kind, owner, expiresAtMs);
  const [hot, cold, inFlight, kept, remembered, checked] = await Promise.all([
    one(),
    one(),
    one(),
    one(),
    one(),
    one(),
  ]);
  return { hot, cold, inFlight, kept, remembered, checked: kind === "SSH key" ? undefined : checked };
}

const allOf = ({ checked, ...rest }: Proofs) => [...Object.values(rest), ...(checked ? [checked] : [])];

/** Everybody who can know of it knows it. */
async function warm({ hot, kept, remembered, checked }: Proofs): Promise<void> {
  for (const verifier of [first, second, third]) expect(await verify(verifier, hot)).toBe(Result.VALID);
  for (const stream of streams) expect(await stream.keep(kept)).toBe(Result.VALID);
  for (const cache of caches) {
    // It may have to wait for its first lease.
    await expect
      .poll(async () => (await cache.verify(remembered.name, remembered.kind)).source, {
        timeout: 10_000,
        interval: 20,
      })
      .toBe("memory");
    expect(cache.recall(remembered.name)?.result).toBe(Result.VALID);
  }
  if (checked !== undefined) expect(await check(checked)).toBe(true);
}

/** A read of the third replica that has happened, and whose answer is on its way for as long as the detour is stuck. */
async function readInFlight(proofs: readonly Proofs[]): Promise<{ readonly delivered: Promise<unknown> }> {
  const { rows: times } = await sql<{ now: Date }>`select clock_timestamp() as now`.execute(database.db);
  detour.stick("questions");
  const delivered = Promise.allSettled(proofs.map(({ inFlight }) => verify(third, inFlight)));
  const began = times[0]?.now ?? expect.fail();
  await expect
    .poll(
      async () => {
        const { rows } = await sql<{ reads: number }>`select count(*)::int as reads from pg_stat_activity
          where application_name = 'credential' and state = 'idle' and query like '%"credential_locators" as "found"%'
            and query_start > ${began}`.execute(database.db);
        return rows[0]?.reads ?? 0;
      },
      { timeout: 5_000, interval: 5 },
    )
    .toBeGreaterThan(0);
  return { delivered };
}

/** After the receipt. */
async function expectRefused(proofs: Proofs): Promise<void> {
  const { hot, cold, inFlight, kept, remembered, checked } = proofs;
  const answers = await Promise.all([
    ...[first, second].flatMap((verifier) => [hot, cold, inFlight].map((proof) => verify(verifier, proof))),
    ...caches.map(async (cache) => (await cache.verify(remembered.name, remembered.kind)).result),
    checked === undefined
      ? Result.UNKNOWN
      : check(checked).then((allowed) => (allowed ? Result.VALID : Result.UNKNOWN)),
  ]);
  expect(answers).not.toContain(Result.VALID);
  for (const stream of streams) expect(await stream.ended(kept)).not.toBe(Result.VALID);
}

async function serviceUser(): Promise<Owner> {
  const { serviceUser: created } = await root.serviceUsers.createServiceUser({ name: `bot-${randomUUID()}` });
  return { accountId: installation.accountId, ownerId: created?.serviceUserId ?? expect.fail() };
}

async function member(): Promise<Owner> {
  ann ??= signUp(installation);
  const person = await invite(installation, await ann);
  return { accountId: person.accountId, ownerId: person.principalId, person };
}

interface Way {
  readonly of: () => Promise<Owner>;
  readonly kinds: readonly Kind[];
  /** Of the owner's access as a whole, or of each credential for itself. */
  readonly takeAway: (owner: Owner, proofs: readonly Proof[]) => Promise<unknown>;
  /** Ends by itself after so long, in milliseconds. */
  readonly lifetimeMs?: number;
}

const programs: readonly Kind[] = ["authtoken", "API key", "SSH key"];
const everyKind: readonly Kind[] = [...programs, "session"];
const each = (take: (proof: Proof) => Promise<unknown>) => (_: Owner, proofs: readonly Proof[]) =>
  Promise.all(proofs.map(take));

const ways: Readonly<Record<string, Way>> = {
  "its service user is deactivated": {
    of: serviceUser,
    kinds: programs,
    takeAway: ({ ownerId: serviceUserId }) => root.serviceUsers.deactivateServiceUser({ serviceUserId }),
  },
  "its service user is locked": {
    of: serviceUser,
    kinds: programs,
    takeAway: ({ ownerId: serviceUserId }) => root.serviceUsers.lockServiceUser({ serviceUserId }),
  },
  "its service user is deleted": {
    of: serviceUser,
    kinds: programs,
    takeAway: ({ ownerId: serviceUserId }) => root.serviceUsers.deleteServiceUser({ serviceUserId }),
  },
  "it is revoked": {
    of: serviceUser,
    kinds: programs,
    takeAway: each(({ accountId, credentialId }) =>
      root.credentials.revokeCredential({ accountId, credentialId }),
    ),
  },
  "it is deleted": {
    of: serviceUser,
    kinds: programs,
    takeAway: each(({ accountId, credentialId }) =>
      root.credentials.deleteCredential({ accountId, credentialId }),
    ),
  },
  "it expires": { of: serviceUser, kinds: programs, takeAway: async () => {}, lifetimeMs: 8_000 },
  "the membership is disabled": {
    of: member,
    kinds: everyKind,
    takeAway: ({ accountId, ownerId: principalId }) =>
      root.members.disableMembership({ accountId, principalId }),
  },
  "the member is removed": {
    of: member,
    kinds: everyKind,
    takeAway: ({ accountId, ownerId: principalId }) =>
      root.members.removeMembership({ accountId, principalId }),
  },
  "the session is ended": {
    of: member,
    kinds: ["session"],
    takeAway: each(({ accountId, credentialId: sessionId }) =>
      root.sessions.endSession({ accountId, sessionId }),
    ),
  },
  // Last: nobody can do anything there afterwards.
  "the account is suspended": {
    of: member,
    kinds: everyKind,
    takeAway: ({ accountId }) => root.accounts.suspendAccount({ accountId }),
  },
};

test.each(Object.entries(ways))(
  "when %s, the next use is refused: hot, cold, with a read on its way, elsewhere, kept open, in a cache, by a check",
  { timeout: 120_000 },
  async (_name, { of, kinds, takeAway, lifetimeMs }) => {
    const owner = await of();
    const expiresAtMs = lifetimeMs === undefined ? undefined : Date.now() + lifetimeMs;
    const proofs = await Promise.all(kinds.map((kind) => createProofs(kind, owner, expiresAtMs)));
    for (const one of proofs) await warm(one);
    const { delivered } = await readInFlight(proofs);
    await takeAway(owner, proofs.flatMap(allOf));
    if (expiresAtMs !== undefined) await delay(Math.max(0, expiresAtMs - Date.now()) + 5);
    // First of all, and at once: nothing is waited for before.
    for (const cache of caches) {
      for (const { remembered } of proofs)
        expect(cache.recall(remembered.name)?.result).not.toBe(Result.VALID);
    }
    await Promise.all(proofs.map(expectRefused));
    // What was read before is delivered now.
    detour.heal();
    // It began before, so it may say what was so then.
    await delivered;
    for (const { inFlight, hot, cold } of proofs) {
      for (const proof of [inFlight, hot, cold]) expect(await verify(third, proof)).not.toBe(Result.VALID);
    }
  },
);
