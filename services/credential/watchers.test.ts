import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { PrincipalKind, PrincipalState } from "@portcullis/contracts/portcullis/common/v1/principal_pb.ts";
import { EnforcementMethod } from "@portcullis/contracts/portcullis/common/v1/receipt_pb.ts";
import type {
  CacheEntry,
  WatchRevocationsRequestSchema,
  WatchRevocationsResponse,
} from "@portcullis/contracts/portcullis/common/v1/watch_pb.ts";
import { VerificationService } from "@portcullis/contracts/portcullis/credential/v1/verification_pb.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { as, asWorkload, startTestCredential, type TestCredential } from "./testing/start-credential.ts";
import { StreamClient } from "./testing/stream-client.ts";

type WatchRequest = MessageInitShape<typeof WatchRevocationsRequestSchema>;
type WatchStream = StreamClient<WatchRequest, WatchRevocationsResponse>;

function watch(port: number, options: ReturnType<typeof as>): WatchStream {
  const transport = createGrpcTransport({ baseUrl: `http://127.0.0.1:${port}` });
  const client = createClient(VerificationService, transport);
  return new StreamClient((requests, given) => client.watchRevocations(requests, given), options);
}

let nonces = 0n;
/** Asks for a lease and waits for it. */
async function renew(watcher: WatchStream): Promise<number> {
  const nonce = ++nonces;
  watcher.send({ message: { case: "renew", value: { nonce } } });
  return watcher.until((received) => {
    for (const { message } of received) {
      if (message.case === "lease" && message.value.nonce === nonce) return message.value.ttlMs;
    }
    return undefined;
  });
}

const entryOf =
  (scope: string) =>
  (received: readonly WatchRevocationsResponse[]): CacheEntry | undefined => {
    for (const { message } of received) {
      if (message.case === "entry" && message.value.scopes.includes(scope)) return message.value;
    }
    return undefined;
  };
const applied = ({ position }: CacheEntry): WatchRequest => ({
  message: { case: "applied", value: { position, sessionsClosed: 3 } },
});

const leaseMs = 2_000;
/** That of a change nobody was waited for, on a machine with other things to do. */
const atOnceMs = leaseMs / 4;

let service: TestCredential;
let identity: Awaited<ReturnType<typeof asWorkload>>;
let gateway: Awaited<ReturnType<typeof asWorkload>>;
beforeAll(async () => {
  [identity, gateway] = await Promise.all([asWorkload("identity"), asWorkload("gateway")]);
  service = await startTestCredential({ leaseMs });
  // The first change waits for leases that may be about from before.
  await service.newRobot();
});
afterAll(() => service[Symbol.asyncDispose]());

/** Somebody whose deactivation takes access away. */
const robot = async (accountId = service.acme) => {
  const ownerId = await service.newRobot(accountId);
  const deactivate = async () => {
    const kind = PrincipalKind.SERVICE_USER;
    const principal = {
      accountId,
      principalId: ownerId,
      kind,
      state: PrincipalState.INACTIVE,
      version: 2n,
    };
    const startMs = performance.now();
    const { enforcement } = await service.enforcement.applyPrincipal({ principal }, identity);
    return { enforcement, tookMs: performance.now() - startMs };
  };
  return { deactivate, scope: `principal:${accountId}/${ownerId}` };
};
describe("a watcher", () => {
  test("is told to forget first, then has a lease, of no more than its replica's", async () => {
    const watcher = watch(service.port, gateway);
    const ttlMs = await renew(watcher);
    expect(ttlMs).toBeGreaterThan(0);
    expect(ttlMs).toBeLessThanOrEqual(leaseMs);
    expect(watcher.received.map(({ message }) => message.case)).toEqual(["reset", "lease"]);
    watcher.close();
    expect(await watcher.ended).toBe("none");
  });

  test("is waited for: the change is in force when it has confirmed, with the sessions that it has closed", async () => {
    const { deactivate, scope } = await robot();
    const watcher = watch(service.port, gateway);
    await renew(watcher);
    let isDone = false;
    const deactivation = deactivate().finally(() => {
      isDone = true;
    });
    const entry = await watcher.until(entryOf(scope));
    // Time enough for the answer to a change that waits for nobody.
    for (let round = 0; round < 20; round++) await renew(watcher);
    expect(isDone).toBe(false);
    watcher.send(applied(entry));
    const { enforcement } = await deactivation;
    expect(enforcement?.method).toBe(EnforcementMethod.ACKNOWLEDGED);
    expect(enforcement?.sessionsClosed).toBe(3n);
    expect(entry.position).toBe(enforcement?.revision);
    watcher.cut();
  });

  test("that confirms nothing delays the change until its lease is over, and no longer", async () => {
    const { deactivate } = await robot();
    const again = await robot();
    const watcher = watch(service.port, gateway);
    const renewedMs = performance.now();
    const ttlMs = await renew(watcher);
    const { tookMs } = await deactivate();
    const overMs = renewedMs + ttlMs;
    expect(performance.now()).toBeGreaterThanOrEqual(overMs);
    expect(tookMs).toBeLessThan(leaseMs + atOnceMs);
    // From then on it has none, and nobody waits for it.
    expect((await again.deactivate()).tookMs).toBeLessThan(atOnceMs);
    watcher.cut();
  });

  test("that gives its lease back, as who ends does, is not waited for", async () => {
    const { deactivate } = await robot();
    const watcher = watch(service.port, gateway);
    expect(await renew(watcher)).toBeGreaterThan(atOnceMs);
    watcher.send({ message: { case: "returned", value: {} } });
    watcher.close();
    expect(await watcher.ended).toBe("none");
    expect((await deactivate()).tookMs).toBeLessThan(atOnceMs);
  });

  test("that vanishes delays the change until its lease is over: it may be answering still", async () => {
    const { deactivate } = await robot();
    const watcher = watch(service.port, gateway);
    const renewedMs = performance.now();
    const ttlMs = await renew(watcher);
    watcher.cut();
    expect(await watcher.ended).toBe("cut");
    const { tookMs } = await deactivate();
    expect(performance.now()).toBeGreaterThanOrEqual(renewedMs + ttlMs);
    expect(tookMs).toBeLessThan(leaseMs + atOnceMs);
  });

  test("that never had a lease delays nobody", async () => {
    const { deactivate, scope } = await robot();
    const watcher = watch(service.port, gateway);
    watcher.send({ message: { case: "applied", value: { position: 0n } } });
    expect((await deactivate()).tookMs).toBeLessThan(atOnceMs);
    await watcher.until(entryOf(scope));
    watcher.cut();
  });

  test("of an account is told of that account's changes only, and waited for no other", async () => {
    const [foreign, own] = [await robot(service.acme), await robot(service.globex)];
    const watcher = watch(service.port, as(service.stranger.apiKey));
    await renew(watcher);
    expect((await foreign.deactivate()).tookMs).toBeLessThan(atOnceMs);
    const deactivation = own.deactivate();
    watcher.send(applied(await watcher.until(entryOf(own.scope))));
    await deactivation;
    const told = watcher.received.flatMap(({ message }) =>
      message.case === "entry" ? message.value.scopes : [],
    );
    expect(told.filter((scope) => scope.includes(service.acme))).toEqual([]);
    watcher.cut();
  });

  test("has its stream ended when the key that opened it is revoked, at its next lease", async () => {
    const { principalId: ownerId } = service.developer;
    const request = { accountId: service.acme, ownerId };
    const { token, credential } = await service.credentials.createApiKey(request, as(service.root.apiKey));
    const watcher = watch(service.port, as(token));
    expect(await renew(watcher)).toBeGreaterThan(0);
    const credentialId = credential?.credentialId ?? "";
    await service.credentials.revokeCredential(
      { accountId: service.acme, credentialId },
      as(service.root.apiKey),
    );
    watcher.send({ message: { case: "renew", value: { nonce: 0n } } });
    expect(await watcher.ended).toBe("CREDENTIALS_REVOKED");
  });

  test("of a replica that can't hear of changes gets ever shorter leases, then is sent to another replica", async () => {
    const replica = await service.addReplica();
    const watcher = watch(replica.port, gateway);
    const given = [await renew(watcher)];
    await replica.cutDatabase();
    const cutMs = performance.now();
    const asking = (async () => {
      for (;;) given.push(await renew(watcher));
    })();
    await expect(asking).rejects.toThrow("it has ended: DEPENDENCY_UNAVAILABLE");
    // The lease of before, and the last question for another.
    expect(performance.now() - cutMs).toBeLessThan(leaseMs + 2 * atOnceMs + 1_000);
    expect(given.slice(1)).toEqual(given.slice(1).toSorted((a, b) => b - a));
    expect(await watcher.ended).toBe("DEPENDENCY_UNAVAILABLE");
  });
});

describe("advice for a cache", () => {
  const adviceFor = async (parts: object) => {
    const ownerId = await service.newRobot();
    const request = { accountId: service.acme, ownerId, ...parts };
    const { token } = await service.credentials.createAuthtoken(request, as(service.root.apiKey));
    const { verification } = await service.verification.verifyToken({ token, forCache: true }, gateway);
    return { ownerId, cache: verification?.cache };
  };

  test("names what the answer depends on, and asks for what has no end again in five minutes: it is a use", async () => {
    const { cache, ownerId } = await adviceFor({});
    expect(cache?.scopes).toContain(`principal:${service.acme}/${ownerId}`);
    expect(cache).toMatchObject({ ttlMs: 300_000, dependsOnSourceIp: false });
  });

  test("ends with the credential: nobody is told of that moment", async () => {
    const expireTime = timestampFromDate(new Date(service.now().getTime() + 5_000));
    expect((await adviceFor({ expireTime })).cache?.ttlMs).toBe(5_000);
    // Far away: as long as it can be said.
    const far = timestampFromDate(new Date(service.now().getTime() + 300 * 86_400_000));
    expect((await adviceFor({ expireTime: far })).cache?.ttlMs).toBe(300_000);
  });
});
