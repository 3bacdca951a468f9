import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { timestampMs } from "@bufbuild/protobuf/wkt";
import {
  Code,
  type Client as ConnectClient,
  ConnectError,
  createClient,
  type Transport,
} from "@connectrpc/connect";
import {
  compressionGzip,
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
} from "@connectrpc/connect-node";
import { Client, type ClientDuplexStream, credentials, Metadata, type ServiceError } from "@grpc/grpc-js";
import { ErrorInfoSchema, ErrorReason } from "@portcullis/contracts/portcullis/common/v1/error_reason_pb.ts";
import { PrincipalState } from "@portcullis/contracts/portcullis/common/v1/principal_pb.ts";
import { CredentialKind as Kind } from "@portcullis/contracts/portcullis/credential/v1/credential_pb.ts";
import {
  BatchVerifyTokensRequestSchema,
  BatchVerifyTokensResponseSchema,
  VerificationService,
  VerifySshKeyRequestSchema,
  VerifyStreamRequestSchema,
  VerifyStreamResponseSchema,
  VerifyTokenRequestSchema,
  VerifyTokenResponseSchema,
} from "@portcullis/contracts/portcullis/credential/v1/verification_pb.ts";
import { reasonNamed, sourceHeader } from "@portcullis/service";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sshPublicKeyLine, withWrongSecret } from "./testing/fixtures.ts";
import {
  as,
  asWorkload,
  nameOf,
  startTestCredential,
  type TestCredential,
} from "./testing/start-credential.ts";

type TokenRequest = MessageInitShape<typeof VerifyTokenRequestSchema>;

let service: TestCredential;
let gateway: string;
/** A credential for each result, by the result's name. */
let shown: Record<string, TokenRequest>;
let sshKey: string;
const clients: Client[] = [];
let doors: Record<"control" | "data", Client>;

beforeAll(async () => {
  service = await startTestCredential();
  gateway = (await asWorkload("gateway")).headers.authorization;
  shown = await oneOfEach();
  sshKey = sshPublicKeyLine();
  await service.credentials.createSshKey({ publicKey: sshKey }, as(service.admin.apiKey));
  const door = (port: number) => {
    const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
    clients.push(client);
    return client;
  };
  doors = { control: door(service.port), data: door(service.dataPort) };
});
afterAll(async () => {
  for (const client of clients) client.close();
  await service[Symbol.asyncDispose]();
});

async function oneOfEach(): Promise<Record<string, TokenRequest>> {
  const admin = as(service.admin.apiKey);
  const make = async (fields: object = {}) => service.credentials.createAuthtoken(fields, admin);
  const tokenOf = async (fields: object = {}) => (await make(fields)).token;
  const revoked = await make();
  await service.credentials.revokeCredential({ credentialId: revoked.credential?.credentialId ?? "" }, admin);
  const [sleeper, prisoner] = [await service.newRobot(), await service.newRobot()];
  const [ofSleeper, ofPrisoner] = [await tokenOf({ ownerId: sleeper }), await tokenOf({ ownerId: prisoner })];
  await service.apply(sleeper, PrincipalState.INACTIVE, 2);
  await service.apply(prisoner, PrincipalState.LOCKED, 2);
  const expired = await tokenOf({
    expireTime: { seconds: BigInt(Math.ceil(service.now().getTime() / 1000) + 5) },
  });
  service.advance(10_000);
  const good = await tokenOf({ metadata: "für Programme ✓", aclRules: ["bind:example.com"] });
  const guessed = { token: withWrongSecret(await tokenOf(), "authtoken"), sourceIp: "198.51.100.9" };
  for (let count = 0; count < 10; count++) {
    await service.verification.verifyToken(guessed, await asWorkload("gateway"));
  }
  return {
    VALID: { token: good },
    "VALID, for a cache": { token: good, forCache: true },
    "VALID, with everything": {
      token: good,
      sourceIp: "2001:db8::7",
      acceptedKinds: [Kind.AUTHTOKEN, Kind.SESSION],
      userAgent: "ngrok-agent/3 (Ünïx)",
      action: { bind: { case: "host", value: "example.com" } },
    },
    MALFORMED: { token: `${good}x` },
    "MALFORMED, for nothing was sent": {},
    "MALFORMED, for it is no ASCII": { token: "pcat_ü" },
    UNKNOWN: { token: withWrongSecret(good, "authtoken") },
    WRONG_KIND: { token: good, acceptedKinds: [Kind.API_KEY] },
    "WRONG_KIND, of a kind that is not known": { token: good, acceptedKinds: [42 as Kind] },
    REVOKED: { token: revoked.token },
    EXPIRED: { token: expired },
    OWNER_INACTIVE: { token: ofSleeper },
    OWNER_LOCKED: { token: ofPrisoner },
    IP_NOT_ALLOWED: { token: await tokenOf({ allowedIpRanges: ["192.0.2.0/24"] }), sourceIp: "192.0.3.1" },
    "VALID, by its range": {
      token: await tokenOf({ allowedIpRanges: ["192.0.2.0/24"] }),
      sourceIp: "::ffff:192.0.2.9",
    },
    ACL_DENIED: { token: good, action: { bind: { case: "host", value: "example.org" } } },
    THROTTLED: guessed,
  };
}

/** What a call came to: the answer, or the error as its caller sees it. */
type Outcome =
  | { readonly answer: Uint8Array }
  | { readonly code: string; readonly reason: string; readonly text: string };

const asIs = (bytes: Buffer) => bytes;
const path = (method: string) => `/portcullis.credential.v1.VerificationService/${method}`;

function call(
  client: Client,
  method: string,
  bytes: Uint8Array,
  headers: Record<string, string> = {},
  options = {},
): Promise<Outcome> {
  const metadata = new Metadata();
  for (const [key, value] of Object.entries({ authorization: gateway, ...headers })) {
    if (value !== "") metadata.set(key, value);
  }
  return new Promise((resolve) => {
    client.makeUnaryRequest(
      path(method),
      asIs,
      asIs,
      Buffer.from(bytes),
      metadata,
      options,
      (error, answer) =>
        resolve(error === null ? { answer: new Uint8Array(answer ?? []) } : outcomeOf(error)),
    );
  });
}

function outcomeOf(error: ServiceError): Outcome {
  const [details] = error.metadata.get("grpc-status-details-bin");
  const reason = details instanceof Buffer ? reasonIn(details) : "none";
  return { code: Code[error.code] ?? "?", reason, text: error.details };
}

/** The reason in a google.rpc.Status, found by the bytes of its detail's type. */
function reasonIn(status: Buffer): string {
  const type = "type.googleapis.com/portcullis.common.v1.ErrorInfo";
  const at = status.indexOf(type) + type.length;
  const length = status[at + 1] ?? 0;
  // The detail is the last field; its value's length takes one byte, or two.
  const value = status.subarray(length < 0x80 ? at + 2 : at + 3);
  return reasonNamed(fromBinary(ErrorInfoSchema, value).reason) ?? "?";
}

const encodeToken = (request: TokenRequest) =>
  toBinary(VerifyTokenRequestSchema, create(VerifyTokenRequestSchema, request));
const encodeBatch = (requests: readonly TokenRequest[]) =>
  toBinary(
    BatchVerifyTokensRequestSchema,
    create(BatchVerifyTokensRequestSchema, { requests: [...requests] }),
  );

/** What no proof comes with is not listened to, but it is not usual: such a call goes to Connect. */
const theLongWay = { [sourceHeader]: "192.0.2.200" };

/** Through the control plane by both of its ways, and through the data plane. */
async function bothDoors(method: string, bytes: Uint8Array, headers: Record<string, string> = {}) {
  const control = await call(doors.control, method, bytes, headers);
  expect(await call(doors.control, method, bytes, { ...headers, ...theLongWay })).toEqual(control);
  const data = await call(doors.data, method, bytes, headers);
  // Through the other door first once more: what one has remembered must not change what the other says.
  expect(await call(doors.data, method, bytes, headers)).toEqual(control);
  expect(data).toEqual(control);
  return data;
}

const resultIn = (outcome: Outcome) => {
  if (!("answer" in outcome)) return outcome.code;
  const { verification } = fromBinary(VerifyTokenResponseSchema, outcome.answer);
  return verification && nameOf(verification.result);
};

describe("both doors give the same answer", () => {
  test("to each kind of token, byte for byte", async () => {
    for (const [name, request] of Object.entries(shown)) {
      const outcome = await bothDoors("VerifyToken", encodeToken(request));
      expect(`${name}: ${resultIn(outcome)}`).toBe(`${name}: ${name.split(",")[0]}`);
    }
  });

  test("to a batch of all of them, and to one of a thousand", async () => {
    const requests = Object.values(shown);
    const outcome = await bothDoors("BatchVerifyTokens", encodeBatch(requests));
    const answers =
      "answer" in outcome ? fromBinary(BatchVerifyTokensResponseSchema, outcome.answer) : undefined;
    expect(answers?.verifications.map(({ result }) => nameOf(result))).toEqual(
      Object.keys(shown).map((name) => name.split(",")[0]),
    );
    const thousand = Array.from({ length: 1_000 }, (_, index) => requests[index % requests.length] ?? {});
    expect(await bothDoors("BatchVerifyTokens", encodeBatch(thousand))).toHaveProperty("answer");
  });

  test("to SSH keys", async () => {
    for (const publicKey of [sshKey, sshPublicKeyLine(), "ssh-rsa AAAA", ""]) {
      const bytes = toBinary(VerifySshKeyRequestSchema, create(VerifySshKeyRequestSchema, { publicKey }));
      expect(await bothDoors("VerifySshKey", bytes)).toHaveProperty("answer");
    }
  });

  test("to callers of all kinds, who see what they may see", async () => {
    for (const bearer of [service.admin.apiKey, service.stranger.apiKey, service.root.apiKey]) {
      for (const name of ["VALID", "UNKNOWN", "REVOKED"]) {
        await bothDoors("VerifyToken", encodeToken(shown[name] ?? {}), { authorization: `Bearer ${bearer}` });
      }
    }
    const byStranger = { authorization: `Bearer ${service.stranger.apiKey}` };
    const outcome = await bothDoors("VerifyToken", encodeToken(shown.VALID ?? {}), byStranger);
    expect(resultIn(outcome)).toBe("UNKNOWN");
  });

  test("with unknown fields, fields twice, and packed otherwise", async () => {
    const valid = Buffer.from(encodeToken(shown.VALID ?? {}));
    const variants = [
      Buffer.concat([valid, Buffer.from([0xfa, 0x7f, 0x03, 1, 2, 3])]),
      Buffer.concat([valid, Buffer.from([0x98, 0x06, 0x01])]),
      Buffer.concat([encodeToken({ token: "first" }), valid]),
      Buffer.concat([valid, Buffer.from([0x10, 0x01, 0x10, 0x04])]),
      Buffer.concat([valid, Buffer.from([0x28, 0x00])]),
    ];
    for (const bytes of variants) expect(resultIn(await bothDoors("VerifyToken", bytes))).toBe("VALID");
  });

  test("to bytes that are no message, and to requests that break a rule", async () => {
    const valid = Buffer.from(encodeToken(shown.VALID ?? {}));
    const malformed = [
      valid.subarray(0, 20),
      Buffer.from([0x0a]),
      Buffer.from([0xff, 0xff]),
      Buffer.from([0x0a, 2, 0xff, 0xfe]),
    ];
    for (const bytes of malformed) {
      expect(await bothDoors("VerifyToken", bytes)).toMatchObject({ code: "Internal" });
    }
    const invalid = [
      encodeToken({ token: "x", sourceIp: "1.2.3" }),
      encodeToken({ token: "x", acceptedKinds: [1, 2, 3, 4, 1] }),
      encodeToken({ token: "x", action: {} }),
    ];
    for (const bytes of invalid) {
      expect(await bothDoors("VerifyToken", bytes)).toMatchObject({ reason: "VALIDATION_FAILED" });
    }
    const tooMany = Array.from({ length: 1_001 }, () => ({ token: "x" }));
    for (const requests of [[], tooMany, [{ token: "x", sourceIp: "here" }]]) {
      expect(await bothDoors("BatchVerifyTokens", encodeBatch(requests))).toMatchObject({
        reason: "VALIDATION_FAILED",
      });
    }
  });

  test("to callers that prove nothing, or that may not", async () => {
    const bytes = new Uint8Array();
    const refused: Record<string, string> = {
      "": "CREDENTIALS_MISSING",
      Bearer: "CREDENTIALS_MISSING",
      "Basic abc": "CREDENTIALS_MISSING",
      "Bearer pcak_garbage": "CREDENTIALS_INVALID",
      "Bearer a.b.c": "CREDENTIALS_INVALID",
      [`Bearer ${shown.VALID?.token}`]: "CREDENTIALS_WRONG_KIND",
      [(await asWorkload("nobody")).headers.authorization]: "PERMISSION_DENIED",
    };
    for (const [authorization, reason] of Object.entries(refused)) {
      for (const method of ["VerifyToken", "BatchVerifyTokens", "VerifySshKey"]) {
        expect(await bothDoors(method, bytes, { authorization })).toMatchObject({ reason });
      }
    }
    const admin = as(service.admin.apiKey);
    const { token } = await service.credentials.createApiKey({ ownerId: await service.newRobot() }, admin);
    const withoutPermission = { authorization: `Bearer ${token}` };
    expect(await bothDoors("VerifyToken", bytes, withoutPermission)).toMatchObject({
      code: "PermissionDenied",
      reason: "PERMISSION_DENIED",
    });
  });

  test("to a caller whose key was revoked a moment ago", async () => {
    const admin = as(service.admin.apiKey);
    const key = await service.credentials.createApiKey({}, admin);
    const headers = { authorization: `Bearer ${key.token}` };
    const bytes = encodeToken(shown.VALID ?? {});
    expect(await bothDoors("VerifyToken", bytes, headers)).toHaveProperty("answer");
    await service.credentials.revokeCredential({ credentialId: key.credential?.credentialId ?? "" }, admin);
    expect(await bothDoors("VerifyToken", bytes, headers)).toMatchObject({ reason: "CREDENTIALS_REVOKED" });
  });

  test("to a message that is too large", async () => {
    const bytes = Buffer.alloc(4 * 1024 * 1024 + 1);
    for (const client of Object.values(doors)) {
      expect(await call(client, "VerifyToken", bytes)).toMatchObject({ code: "ResourceExhausted" });
    }
  });
});

describe("clients of both makes, in all protocols, get the same answer", () => {
  const transports: Record<string, () => Transport> = {
    "gRPC, data plane": () => grpc(service.dataPort),
    "gRPC, gzip, data plane": () => grpc(service.dataPort, true),
    "gRPC, control plane": () => grpc(service.port),
    "gRPC, gzip, control plane": () => grpc(service.port, true),
    "gRPC-Web": () =>
      createGrpcWebTransport({ baseUrl: `http://127.0.0.1:${service.port}`, httpVersion: "1.1" }),
    Connect: () =>
      createConnectTransport({ baseUrl: `http://127.0.0.1:${service.port}`, httpVersion: "1.1" }),
  };
  const grpc = (port: number, isCompressed = false) =>
    createGrpcTransport({
      baseUrl: `http://127.0.0.1:${port}`,
      ...(isCompressed ? { sendCompression: compressionGzip, compressMinBytes: 1 } : {}),
    });

  test.each(Object.keys(transports))("%s", async (name) => {
    const client: ConnectClient<typeof VerificationService> = createClient(
      VerificationService,
      transports[name]?.() ?? expect.fail(),
    );
    const headers = { authorization: gateway };
    for (const request of Object.values(shown)) {
      const { verification } = await client.verifyToken(request, { headers });
      const expected = await call(doors.control, "VerifyToken", encodeToken(request));
      expect(
        "answer" in expected && fromBinary(VerifyTokenResponseSchema, expected.answer).verification,
      ).toEqual(verification);
    }
    const failed = await client
      .verifyToken({ sourceIp: "x" }, { headers })
      .catch((error: unknown) => ConnectError.from(error));
    expect(failed).toMatchObject({ code: Code.InvalidArgument });
    expect(failed instanceof ConnectError && failed.findDetails(ErrorInfoSchema)[0]?.reason).toBe(
      ErrorReason.VALIDATION_FAILED,
    );
  });
});

describe("a stream on the data plane", () => {
  type Stream = ClientDuplexStream<Buffer, Buffer>;
  function open(client: Client): Stream {
    const metadata = new Metadata();
    metadata.set("authorization", gateway);
    return client.makeBidiStreamRequest(path("VerifyStream"), asIs, asIs, metadata);
  }
  const send = (stream: Stream, request: MessageInitShape<typeof VerifyStreamRequestSchema>) =>
    stream.write(
      Buffer.from(toBinary(VerifyStreamRequestSchema, create(VerifyStreamRequestSchema, request))),
    );
  async function* answersOf(stream: Stream) {
    for await (const bytes of stream as AsyncIterable<Buffer>)
      yield fromBinary(VerifyStreamResponseSchema, bytes);
  }
  const questions = () =>
    Object.values(shown).map(
      (value, index) => ({ id: BigInt(index), question: { case: "token", value } }) as const,
    );

  test.each(["control", "data"] as const)("answers what was asked, by its id: %s", async (door) => {
    const stream = open(doors[door]);
    send(stream, { verifications: questions() });
    for (const question of questions()) send(stream, { verifications: [question] });
    send(stream, {
      verifications: [{ id: 2n ** 64n - 1n, question: { case: "sshKey", value: { publicKey: sshKey } } }],
    });
    stream.end();
    const answers = new Map<bigint, string | undefined>();
    let count = 0;
    for await (const response of answersOf(stream)) {
      for (const { id, verification } of response.answers) {
        count++;
        answers.set(id, verification && nameOf(verification.result));
      }
    }
    expect(count).toBe(2 * questions().length + 1);
    expect(answers).toEqual(
      new Map([
        ...Object.keys(shown).map((name, index) => [BigInt(index), name.split(",")[0]] as const),
        [2n ** 64n - 1n, "VALID"] as const,
      ]),
    );
  });

  test.each(["control", "data"] as const)("tells when what is kept is no longer good: %s", async (door) => {
    const admin = as(service.admin.apiKey);
    const { token, credential } = await service.credentials.createAuthtoken({}, admin);
    const stream = open(doors[door]);
    const answers = answersOf(stream);
    send(stream, { verifications: [{ id: 5n, keep: true, question: { case: "token", value: { token } } }] });
    expect((await answers.next()).value).toMatchObject({
      answers: [{ id: 5n, verification: { result: 1 } }],
    });
    await service.credentials.revokeCredential({ credentialId: credential?.credentialId ?? "" }, admin);
    expect((await answers.next()).value).toMatchObject({ ended: [{ id: 5n, verification: { result: 5 } }] });
    stream.cancel();
  });

  test.each(["control", "data"] as const)(
    "ends with the reason for a message that breaks a rule: %s",
    async (door) => {
      const stream = open(doors[door]);
      send(stream, { verifications: [{ id: 1n, question: { case: undefined } }] });
      const error = await new Promise<ServiceError>((resolve) => {
        stream.on("error", resolve);
        stream.resume();
      });
      expect(outcomeOf(error)).toMatchObject({ code: "InvalidArgument", reason: "VALIDATION_FAILED" });
    },
  );

  test("is not read from while its peer does not read, and loses nothing", async () => {
    const stream = open(doors.data);
    const verifications = Array.from({ length: 500 }, (_, id) => ({
      id: BigInt(id),
      question: { case: "token", value: shown.VALID ?? {} } as const,
    }));
    const messages = 400;
    for (let count = 0; count < messages; count++) send(stream, { verifications });
    stream.end();
    // 200,000 answers, some 40 MB, are asked for; what was not read waits here, not there.
    await expect.poll(() => stream.writableLength, { timeout: 10_000 }).toBeLessThan(messages);
    await new Promise((resolve) => setTimeout(resolve, 500));
    // How many fit into what lies between the two is the system's business.
    expect(stream.writableLength).toBeGreaterThan(0);
    let answered = 0;
    for await (const { answers } of answersOf(stream)) answered += answers.length;
    expect(answered).toBe(messages * verifications.length);
  });
});

test.each(["control", "data"] as const)(
  "thousands of calls at once on one connection are all answered: %s",
  async (door) => {
    const bytes = encodeToken(shown.VALID ?? {});
    const outcomes = await Promise.all(
      Array.from({ length: 5_000 }, () => call(doors[door], "VerifyToken", bytes)),
    );
    expect(new Set(outcomes.map(resultIn))).toEqual(new Set(["VALID"]));
  },
);

test("a call whose deadline has passed, or that is cancelled, ends so", async () => {
  const bytes = encodeToken(shown.VALID ?? {});
  for (const client of Object.values(doors)) {
    expect(await call(client, "VerifyToken", bytes, {}, { deadline: Date.now() - 1 })).toMatchObject({
      code: "DeadlineExceeded",
    });
  }
});

test("a failed attempt counts once, whichever the door and the way, and whether it is remembered or not", async () => {
  const admin = as(service.admin.apiKey);
  const ways = [
    [doors.control, {}],
    [doors.control, theLongWay],
    [doors.data, {}],
  ] as const;
  for (const [client, headers] of ways) {
    const { token } = await service.credentials.createAuthtoken({}, admin);
    const bytes = encodeToken({ token: withWrongSecret(token, "authtoken"), sourceIp: "198.51.100.77" });
    const guesses = [];
    for (let count = 0; count < 11; count++) {
      guesses.push(resultIn(await call(client, "VerifyToken", bytes, headers)));
    }
    expect(guesses).toEqual([...Array.from({ length: 10 }, () => "UNKNOWN"), "THROTTLED"]);
    const key = await service.credentials.createApiKey({}, admin);
    const authorization = `Bearer ${withWrongSecret(key.token, "api_key")}`;
    const callers = [];
    for (let count = 0; count < 11; count++) {
      const outcome = await call(client, "VerifyToken", bytes, { ...headers, authorization });
      callers.push("code" in outcome ? outcome.code : "answered");
    }
    expect(callers).toEqual([...Array.from({ length: 10 }, () => "Unauthenticated"), "ResourceExhausted"]);
  }
});

test("a credential tells when, from where and by what it was last verified, whichever the door; refusals are no uses", async () => {
  const admin = as(service.admin.apiKey);
  for (const client of Object.values(doors)) {
    const { token, credential } = await service.credentials.createAuthtoken(
      { allowedIpRanges: ["192.0.2.0/24"] },
      admin,
    );
    const ask = (sourceIp: string) =>
      call(client, "VerifyToken", encodeToken({ token, sourceIp, userAgent: "agent/1" }));
    expect(resultIn(await ask("192.0.2.7"))).toBe("VALID");
    expect(resultIn(await ask("192.0.3.7"))).toBe("IP_NOT_ALLOWED");
    await service.flushUses();
    const credentialId = credential?.credentialId ?? "";
    const { credential: now } = await service.credentials.getCredential({ credentialId }, admin);
    expect(now).toMatchObject({
      lastUsedIp: "192.0.2.7",
      lastUsedUserAgent: "agent/1",
      etag: credential?.etag,
    });
    expect(now?.lastUsedTime && timestampMs(now.lastUsedTime)).toBe(service.now().getTime());
  }
});
