import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { AccountState } from "@portcullis/contracts/portcullis/common/v1/account_pb.ts";
import { PrincipalKind, PrincipalState } from "@portcullis/contracts/portcullis/common/v1/principal_pb.ts";
import type {
  Enforcement,
  RevocationReceipt,
} from "@portcullis/contracts/portcullis/common/v1/receipt_pb.ts";
import {
  type StreamedAnswer,
  VerificationService,
  type VerifyStreamRequestSchema,
  type VerifyStreamResponse,
} from "@portcullis/contracts/portcullis/credential/v1/verification_pb.ts";
import { newId } from "@portcullis/service";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AccountId, PrincipalId } from "./domain/ids.ts";
import { sshPublicKeyLine } from "./testing/fixtures.ts";
import {
  as,
  asWorkload,
  nameOf,
  startTestCredential,
  type TestCredential,
  type TestReplica,
} from "./testing/start-credential.ts";
import { StreamClient } from "./testing/stream-client.ts";

type Question = MessageInitShape<typeof VerifyStreamRequestSchema>;
type VerifyStream = StreamClient<Question, VerifyStreamResponse>;

let service: TestCredential;
let second: TestReplica;
let identity: Awaited<ReturnType<typeof asWorkload>>;
/** May change whatever is there. */
let root: Awaited<ReturnType<typeof asWorkload>>;
let gateway: Awaited<ReturnType<typeof asWorkload>>;
beforeAll(async () => {
  // Long enough for a busy machine to hear of each change within it.
  service = await startTestCredential({ leaseMs: 600 });
  second = await service.addReplica();
  [identity, gateway] = await Promise.all([asWorkload("identity"), asWorkload("gateway")]);
  root = as(service.root.apiKey);
});
afterAll(() => service[Symbol.asyncDispose]());

/** On a connection of its own. */
function open(port: number, options: typeof gateway, readAfter?: Promise<void>): VerifyStream {
  const transport = createGrpcTransport({ baseUrl: `http://127.0.0.1:${port}` });
  const client = createClient(VerificationService, transport);
  return new StreamClient((requests, given) => client.verifyStream(requests, given), options, readAfter);
}

const answerTo =
  (id: bigint, among: "answers" | "ended" = "answers") =>
  (received: readonly VerifyStreamResponse[]): StreamedAnswer | undefined =>
    received.flatMap((message) => message[among]).find((answer) => answer.id === id);
const resultOf = (answer: StreamedAnswer) => answer.verification && nameOf(answer.verification.result);

/** Asks and waits for the answer. */
async function ask(
  stream: VerifyStream,
  id: bigint,
  question: NonNullable<Question["verifications"]>[number]["question"] & object,
  keep: boolean,
) {
  stream.send({ verifications: [{ id, question, keep }] });
  return resultOf(await stream.until(answerTo(id)));
}
const tokenQuestion = (token: string, more: object = {}) => ({
  case: "token" as const,
  value: { token, ...more },
});

interface Kept {
  readonly accountId: AccountId;
  readonly ownerId: PrincipalId;
  readonly credentialId: string;
}

async function newToken(parts: object = {}, accountId = service.acme): Promise<Kept & { token: string }> {
  const ownerId = await service.newRobot(accountId);
  const request = { accountId, ownerId, ...parts };
  const { token, credential } = await service.credentials.createAuthtoken(request, root);
  return { accountId, ownerId, credentialId: credential?.credentialId ?? "", token };
}

describe("answers", () => {
  test("what is asked together is answered each by itself, whether memory knows it or not", async () => {
    const stream = open(service.port, gateway);
    const { token, ownerId } = await newToken();
    const publicKey = sshPublicKeyLine();
    await service.credentials.createSshKey({ accountId: service.acme, ownerId, publicKey }, root);
    for (let round = 0n; round < 2n; round++) {
      const first = round * 10n;
      stream.send({
        verifications: [
          { id: first, question: tokenQuestion(token) },
          { id: first + 1n, question: tokenQuestion("nonsense") },
          { id: first + 2n, question: { case: "sshKey", value: { publicKey } } },
          { id: first + 3n, question: tokenQuestion(token, { acceptedKinds: [2] }) },
        ],
      });
      for (const [offset, result] of ["VALID", "MALFORMED", "VALID", "WRONG_KIND"].entries()) {
        expect(resultOf(await stream.until(answerTo(first + BigInt(offset))))).toBe(result);
      }
    }
    stream.close();
    expect(await stream.ended).toBe("none");
  });

  test("the stream goes on after its questions have ended as long as something is kept", async () => {
    const stream = open(service.port, gateway);
    const { token, ownerId } = await newToken();
    expect(await ask(stream, 1n, tokenQuestion(token), true)).toBe("VALID");
    stream.close();
    await service.apply(ownerId, PrincipalState.INACTIVE, 2);
    expect(resultOf(await stream.until(answerTo(1n, "ended")))).toBe("OWNER_INACTIVE");
    expect(await stream.ended).toBe("none");
  });

  test("a question that is none ends the stream", async () => {
    const stream = open(service.port, gateway);
    stream.send({ verifications: [{ id: 1n }] });
    expect(await stream.ended).toBe("VALIDATION_FAILED");
  });
});

/** Whoever it is kept for is told why, and the change knows how many. */
describe("a kept credential ends", () => {
  const deactivated = async ({ ownerId }: Kept) => apply(ownerId, PrincipalState.INACTIVE);
  const apply = async (principalId: string, state: PrincipalState) => {
    const kind = PrincipalKind.SERVICE_USER;
    const principal = { accountId: service.acme, principalId, kind, state, version: 2n };
    return (await service.enforcement.applyPrincipal({ principal }, identity)).enforcement;
  };
  const receiptOf = (answer: { readonly receipt?: RevocationReceipt | undefined }) =>
    answer.receipt?.statement?.enforcements[0];

  test.each<[string, (kept: Kept) => Promise<Enforcement | undefined>, string]>([
    ["its owner is deactivated", deactivated, "OWNER_INACTIVE"],
    ["its owner is locked", ({ ownerId }) => apply(ownerId, PrincipalState.LOCKED), "OWNER_LOCKED"],
    ["its owner is deleted", ({ ownerId }) => apply(ownerId, PrincipalState.DELETED), "UNKNOWN"],
    [
      "it is revoked",
      async ({ accountId, credentialId }) =>
        receiptOf(await service.credentials.revokeCredential({ accountId, credentialId }, root)),
      "REVOKED",
    ],
    [
      "it is deleted",
      async ({ accountId, credentialId }) =>
        receiptOf(await service.credentials.deleteCredential({ accountId, credentialId }, root)),
      "UNKNOWN",
    ],
    [
      "its ACL no longer covers what was asked",
      async ({ accountId, credentialId }) => {
        const request = { accountId, credentialId, aclRules: ["bind:b.example"] };
        const updateMask = { paths: ["acl_rules"] };
        return receiptOf(await service.credentials.updateCredential({ ...request, updateMask }, root));
      },
      "ACL_DENIED",
    ],
    [
      "it is no longer allowed from where it came",
      async ({ accountId, credentialId }) => {
        const request = { accountId, credentialId, allowedIpRanges: ["10.0.0.0/8"] };
        const updateMask = { paths: ["allowed_ip_ranges"] };
        return receiptOf(await service.credentials.updateCredential({ ...request, updateMask }, root));
      },
      "IP_NOT_ALLOWED",
    ],
  ])("when %s, and the receipt counts it", async (_name, takeAway, result) => {
    const stream = open(service.port, gateway);
    const elsewhere = open(second.port, gateway);
    const kept = await newToken();
    const action = { bind: { case: "host" as const, value: "a.example" } };
    const question = tokenQuestion(kept.token, { action, sourceIp: "192.0.2.1" });
    for (const id of [1n, 2n]) expect(await ask(stream, id, question, true)).toBe("VALID");
    expect(await ask(elsewhere, 1n, question, true)).toBe("VALID");
    const enforcement = await takeAway(kept);
    // Of replicas that acknowledge over the channel; what the other one has closed is told where it is counted.
    expect(enforcement?.sessionsClosed).toBe(2n);
    for (const id of [1n, 2n]) expect(resultOf(await stream.until(answerTo(id, "ended")))).toBe(result);
    expect(resultOf(await elsewhere.until(answerTo(1n, "ended")))).toBe(result);
    stream.cut();
    elsewhere.cut();
  });

  test("when its account is suspended", async () => {
    const stream = open(service.port, gateway);
    const { token, accountId } = await newToken({}, service.globex);
    expect(await ask(stream, 1n, tokenQuestion(token), true)).toBe("VALID");
    const suspend = { accountId, state: AccountState.SUSPENDED, version: 1n };
    const { enforcement } = await service.enforcement.applyAccount(suspend, identity);
    expect(enforcement?.sessionsClosed).toBe(1n);
    expect(resultOf(await stream.until(answerTo(1n, "ended")))).toBe("ACCOUNT_SUSPENDED");
    await service.enforcement.applyAccount({ accountId, state: AccountState.ACTIVE, version: 2n }, identity);
    stream.cut();
  });

  test("when its time is over, without anybody doing anything", async () => {
    const stream = open(service.port, gateway);
    const { token } = await newToken({
      expireTime: timestampFromDate(new Date(service.now().getTime() + 300)),
    });
    expect(await ask(stream, 1n, tokenQuestion(token), true)).toBe("VALID");
    service.advance(300);
    expect(resultOf(await stream.until(answerTo(1n, "ended")))).toBe("EXPIRED");
    stream.cut();
  });

  test("when it is a session, and ends", async () => {
    const stream = open(service.port, gateway);
    const { accountId, principalId: ownerId } = service.admin;
    const lifetime = { seconds: 3600n };
    const request = { accountId, ownerId, userId: "user_ann", sessionGroupId: newId("sgn") };
    const { session, token } = await service.sessions.createSession(
      { ...request, secretsVersion: 1n, idleLifetime: lifetime, lifetime },
      identity,
    );
    expect(await ask(stream, 1n, tokenQuestion(token), true)).toBe("VALID");
    const ended = { accountId, sessionId: session?.sessionId ?? "" };
    expect(receiptOf(await service.sessions.endSession(ended, root))?.sessionsClosed).toBe(1n);
    expect(resultOf(await stream.until(answerTo(1n, "ended")))).toBe("UNKNOWN");
    stream.cut();
  });

  test("and not for a change of something else, nor for one that takes nothing of it away", async () => {
    const stream = open(service.port, gateway);
    const kept = await newToken();
    const other = await newToken();
    expect(await ask(stream, 1n, tokenQuestion(kept.token), true)).toBe("VALID");
    expect(await ask(stream, 2n, tokenQuestion(other.token), true)).toBe("VALID");
    expect((await deactivated(other))?.sessionsClosed).toBe(1n);
    const { accountId, credentialId } = kept;
    const described = { accountId, credentialId, description: "new", updateMask: { paths: ["description"] } };
    const { receipt } = await service.credentials.updateCredential(described, root);
    expect(receipt?.statement?.enforcements[0]?.sessionsClosed).toBe(0n);
    // Asked after: what it had ended would have come before.
    expect(await ask(stream, 3n, tokenQuestion(kept.token), false)).toBe("VALID");
    expect(stream.received.flatMap(({ ended }) => ended.map(({ id }) => id))).toEqual([2n]);
    stream.cut();
  });

  test("once only, and not after it was released", async () => {
    const stream = open(service.port, gateway);
    const kept = await newToken();
    expect(await ask(stream, 1n, tokenQuestion(kept.token), true)).toBe("VALID");
    stream.send({ releasedIds: [1n] });
    // Released ids are free again.
    expect(await ask(stream, 1n, tokenQuestion(kept.token), false)).toBe("VALID");
    expect((await deactivated(kept))?.sessionsClosed).toBe(0n);
    stream.cut();
  });
});

describe("a stream ends", () => {
  test("UNAUTHENTICATED when the key that it was opened with is revoked", async () => {
    const ownerId = service.developer.principalId;
    const request = { accountId: service.acme, ownerId };
    const { token: apiKey, credential } = await service.credentials.createApiKey(request, root);
    const stream = open(service.port, as(apiKey));
    const { token } = await newToken();
    expect(await ask(stream, 1n, tokenQuestion(token), true)).toBe("VALID");
    const credentialId = credential?.credentialId ?? "";
    await service.credentials.revokeCredential({ accountId: service.acme, credentialId }, root);
    expect(await stream.ended).toBe("CREDENTIALS_REVOKED");
  });

  test("when an id is kept twice", async () => {
    const stream = open(service.port, gateway);
    const { token } = await newToken();
    for (const keep of [true, true])
      stream.send({ verifications: [{ id: 7n, question: tokenQuestion(token), keep }] });
    expect(await stream.ended).toBe("VALIDATION_FAILED");
  });

  test("when more than 10,000 credentials are kept", async () => {
    const stream = open(service.port, gateway);
    const question = tokenQuestion((await newToken()).token);
    const batch = (from: number, count: number) => ({
      verifications: Array.from({ length: count }, (_, index) => ({
        id: BigInt(from + index),
        question,
        keep: true,
      })),
    });
    stream.send(...Array.from({ length: 10 }, (_, index) => batch(index * 1_000, 1_000)));
    expect(resultOf(await stream.until(answerTo(9_999n)))).toBe("VALID");
    stream.send(batch(10_000, 1));
    expect(await stream.ended).toBe("TOO_MANY_KEPT");
  });

  test("when nobody reads what it says", async () => {
    const reading = Promise.withResolvers<void>();
    const stream = open(service.port, gateway, reading.promise);
    const question = tokenQuestion("nonsense");
    const count = 40_000;
    stream.send(
      ...Array.from({ length: count }, (_, index) => ({ verifications: [{ id: BigInt(index), question }] })),
    );
    // Enough of it waits for the server to stop reading too.
    await stream.untilStuck();
    reading.resolve();
    expect(await stream.ended).toBe("STREAM_TOO_SLOW");
    expect(stream.received.length).toBeLessThan(count);
  }, 240_000);

  test("DEPENDENCY_UNAVAILABLE when it keeps something and changes can't be heard of any more", async () => {
    const third = await service.addReplica();
    const stream = open(third.port, gateway);
    const { token } = await newToken();
    expect(await ask(stream, 1n, tokenQuestion(token), true)).toBe("VALID");
    await third.cutDatabase();
    expect(await stream.ended).toBe("DEPENDENCY_UNAVAILABLE");
  });
});
