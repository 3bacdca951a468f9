import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { Code, createClient, type Transport } from "@connectrpc/connect";
import {
  compressionGzip,
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
} from "@connectrpc/connect-node";
import { Client, credentials, Metadata } from "@grpc/grpc-js";
import {
  BatchCheckRequestSchema,
  BatchCheckResponseSchema,
  CheckReasonSchema,
  CheckRequestSchema,
  CheckResponseSchema,
  CheckService,
  ObjectAction,
  CheckReason as Reason,
} from "@portcullis/contracts/portcullis/authorization/v1/check_pb.ts";
import { GrantService } from "@portcullis/contracts/portcullis/authorization/v1/grant_pb.ts";
import { ObjectService } from "@portcullis/contracts/portcullis/authorization/v1/object_pb.ts";
import { PrincipalState } from "@portcullis/contracts/portcullis/common/v1/principal_pb.ts";
import type { WatchRevocationsRequestSchema } from "@portcullis/contracts/portcullis/common/v1/watch_pb.ts";
import { createWorkloadTokenSource, newId, Outbox, reasonOf, sourceHeader } from "@portcullis/service";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Serving, serve, workloadKey } from "./testing/serving.ts";

type CheckInit = MessageInitShape<typeof CheckRequestSchema>;
type BatchInit = MessageInitShape<typeof BatchCheckRequestSchema>;

let serving: Serving;
const home = newId("acct");
const foreign = newId("acct");
const admin = `${home}/user_admin`;
let clients: readonly Client[];
let gateway: string;
const tokenOf = async (name: string) => createWorkloadTokenSource(workloadKey, name, "authorization")();

beforeAll(async () => {
  serving = await serve();
  for (const accountId of [home, foreign]) {
    for (const id of ["user_admin", "user_1", "user_2", "user_3"]) await serving.tell(accountId, id);
    await serving.bind(accountId, "user_admin", "administrator");
  }
  await serving.tell(home, "user_gone", { state: PrincipalState.INACTIVE });
  await serving.tell(home, "user_root", { superAdmin: true });
  await serving.bind(home, "user_1", "developer_read_only");
  const objects = serving.as(ObjectService, "gateway");
  const d1 = { objectType: "dashboard", objectIds: ["d1"] };
  await objects.registerObjects({
    accountId: home,
    objectType: "dashboard",
    objects: [{ objectId: "d1" }],
  });
  await objects.shareObjects({ accountId: home, ...d1, holderIds: ["user_1"], action: ObjectAction.VIEW });
  gateway = await tokenOf("gateway");
  clients = [serving.port, serving.dataPort].map(
    (port) => new Client(`127.0.0.1:${port}`, credentials.createInsecure()),
  );
});
afterAll(async () => {
  for (const client of clients) client.close();
  await serving.stop();
});

const asIs = (bytes: Buffer) => bytes;
type Outcome = { readonly answer: Uint8Array } | { readonly code: string; readonly text: string };

function call(
  client: Client,
  method: string,
  bytes: Uint8Array,
  bearer = gateway,
  headers: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
  if (bearer !== "") metadata.set("authorization", `Bearer ${bearer}`);
  const path = `/${CheckService.typeName}/${method}`;
  return new Promise((resolve) => {
    client.makeUnaryRequest(path, asIs, asIs, Buffer.from(bytes), metadata, (error, answer) =>
      resolve(
        error === null
          ? { answer: new Uint8Array(answer ?? []) }
          : { code: Code[error.code] ?? "?", text: error.details },
      ),
    );
  });
}

/** What no proof comes with is not listened to, but it is not usual: such a call goes to Connect. */
const theLongWay = { [sourceHeader]: "192.0.2.200" };

/** What both doors answer, the control plane by both of its ways, byte for byte. */
async function bothDoors(method: string, bytes: Uint8Array, bearer?: string): Promise<Outcome> {
  const [control, data] = await Promise.all(clients.map((client) => call(client, method, bytes, bearer)));
  expect(data).toEqual(control);
  const [controlPlane = expect.fail()] = clients;
  expect(await call(controlPlane, method, bytes, bearer, theLongWay)).toEqual(control);
  return data ?? expect.fail();
}

const encodeCheck = (request: CheckInit) => toBinary(CheckRequestSchema, create(CheckRequestSchema, request));
const encodeBatch = (request: BatchInit) =>
  toBinary(BatchCheckRequestSchema, create(BatchCheckRequestSchema, request));
const nameOf = (reason: Reason) => CheckReasonSchema.value[reason]?.localName ?? "?";
const reasonIn = (outcome: Outcome) =>
  "answer" in outcome ? nameOf(fromBinary(CheckResponseSchema, outcome.answer).reason) : outcome.code;

const of = (principalId: string, accountId = home) => ({ subject: { accountId, principalId } });
const read = { permissionId: "ingestion" };
const d1 = { objectType: "dashboard", objectId: "d1", action: ObjectAction.VIEW };

describe("both doors give the same answer", () => {
  test.each<[reason: string, request: CheckInit]>([
    ["SUPER_ADMIN", { ...of("user_root"), ...read }],
    ["SUPER_ADMIN", { ...of("user_root"), ...read, accountId: foreign }],
    ["ROLE", { ...of("user_admin"), permissionId: "ingestion" }],
    ["NOT_GRANTED", { ...of("user_2"), permissionId: "no.such.permission" }],
    ["SUBJECT_UNKNOWN", { ...of("user_nobody"), ...read }],
    ["SUBJECT_UNKNOWN", { ...of("not an id ü"), ...read }],
    ["SUBJECT_INACTIVE", { ...of("user_gone"), ...read }],
    ["OBJECT_ACCESS", { ...of("user_1"), object: d1 }],
    ["OBJECT_NOT_ACCESSIBLE", { ...of("user_2"), object: { ...d1, objectId: "d2" } }],
    ["TOKEN_REFUSED", { token: "nonsense", ...read }],
    ["ROLE", { token: admin, permissionId: "ingestion" }],
    ["ROLE", { ...of("user_admin"), permissionId: "ingestion", minRevision: 1n }],
    ["ROLE", { ...of("user_admin"), permissionId: "ingestion", forCache: true }],
  ])("%s to a check", async (reason, request) => {
    expect(reasonIn(await bothDoors("Check", encodeCheck(request)))).toBe(reason);
  });

  test("to a batch of many questions, in their order", async () => {
    const items = Array.from({ length: 500 }, (_, index) => ({
      principalId: ["user_admin", "user_2", "user_gone", "user_nobody"][index % 4] ?? "",
      permissionId: "ingestion",
    }));
    for (const more of [{}, { forCache: true }, { minRevision: 1n }]) {
      const outcome = await bothDoors("BatchCheck", encodeBatch({ accountId: home, items, ...more }));
      const answer = "answer" in outcome ? fromBinary(BatchCheckResponseSchema, outcome.answer) : undefined;
      expect(answer?.results.map(({ allowed }) => allowed)).toEqual(items.map((_, index) => index % 4 === 0));
    }
    const objects = [{ principalId: "user_1", object: d1 }];
    expect(await bothDoors("BatchCheck", encodeBatch({ accountId: home, items: objects }))).toHaveProperty(
      "answer",
    );
  });

  test("to callers of all kinds, who see what they may see", async () => {
    const check = encodeCheck({ ...of("user_2"), ...read });
    const inHome = encodeCheck({ ...of("user_2"), ...read, accountId: home });
    const batch = encodeBatch({ items: [{ principalId: "user_2", ...read }] });
    const bearers = [
      admin,
      `${foreign}/user_admin`,
      `${home}/user_root`,
      `${home}/user_2`,
      "garbage",
      "a.b.c",
      "",
      await tokenOf("nobody"),
    ];
    const outcomes = new Set<string>();
    for (const bearer of bearers) {
      for (const bytes of [check, inHome]) outcomes.add(reasonIn(await bothDoors("Check", bytes, bearer)));
      await bothDoors("BatchCheck", batch, bearer);
    }
    expect([...outcomes].toSorted()).toEqual([
      "NOT_GRANTED",
      "NotFound",
      "PermissionDenied",
      "SUBJECT_UNKNOWN",
      "Unauthenticated",
    ]);
  });

  test("to unknown fields, fields twice, broken rules, and bytes that are no message", async () => {
    const good = Buffer.from(encodeCheck({ ...of("user_2"), ...read }));
    const twice = Buffer.concat([good, good]);
    const newer = Buffer.concat([good, Buffer.from([0xfa, 0x7f, 0x03, 1, 2, 3])]);
    for (const bytes of [twice, newer]) {
      expect(await bothDoors("Check", bytes)).toHaveProperty("answer");
    }
    const invalid: readonly CheckInit[] = [
      {},
      read,
      of("user_2"),
      { ...of(""), ...read },
      { ...of("x".repeat(65)), ...read },
      { ...of("user_2"), permissionId: "x".repeat(129) },
      { ...of("user_2"), ...read, accountId: "x".repeat(65) },
      { ...of("user_2"), ...read, minRevision: -1n },
    ];
    for (const request of invalid) {
      expect(await bothDoors("Check", encodeCheck(request))).toMatchObject({ code: "InvalidArgument" });
    }
    for (const bytes of [
      good.subarray(0, 5),
      Buffer.from([0xff, 0xff]),
      Buffer.from([0x12, 2, 0xff, 0xfe]),
    ]) {
      expect(await bothDoors("Check", bytes)).toMatchObject({ code: "Internal" });
      expect(await bothDoors("BatchCheck", bytes)).toMatchObject({ code: "Internal" });
    }
    const tooMany = Array.from({ length: 1_001 }, () => ({ principalId: "user_2", ...read }));
    for (const items of [[], tooMany, [{ principalId: "user_2" }], [{ principalId: "", ...read }]]) {
      expect(await bothDoors("BatchCheck", encodeBatch({ accountId: home, items }))).toMatchObject({
        code: "InvalidArgument",
      });
    }
  });

  test("to a check after what allowed it was taken away", async () => {
    const grants = serving.as(GrantService, admin);
    const request = { principalIds: ["user_2"], permissionIds: ["ingestion"] };
    const bytes = encodeCheck({ ...of("user_2"), permissionId: "ingestion" });
    await grants.grantPermissions(request);
    expect(reasonIn(await bothDoors("Check", bytes))).toBe("DIRECT_PERMISSION");
    await grants.revokePermissions(request);
    expect(reasonIn(await bothDoors("Check", bytes))).toBe("NOT_GRANTED");
  });
});

test.each<[name: string, transport: () => Transport]>([
  ["gRPC, data plane", () => createGrpcTransport({ baseUrl: `http://127.0.0.1:${serving.dataPort}` })],
  [
    "gRPC, gzip, data plane",
    () =>
      createGrpcTransport({
        baseUrl: `http://127.0.0.1:${serving.dataPort}`,
        sendCompression: compressionGzip,
        compressMinBytes: 1,
      }),
  ],
  ["gRPC", () => createGrpcTransport({ baseUrl: `http://127.0.0.1:${serving.port}` })],
  [
    "gRPC-Web",
    () => createGrpcWebTransport({ baseUrl: `http://127.0.0.1:${serving.port}`, httpVersion: "1.1" }),
  ],
  [
    "Connect",
    () => createConnectTransport({ baseUrl: `http://127.0.0.1:${serving.port}`, httpVersion: "1.1" }),
  ],
])("clients get the same answer over %s", async (_name, transport) => {
  const client = createClient(CheckService, transport());
  const headers = { authorization: `Bearer ${gateway}` };
  const request = { ...of("user_admin"), permissionId: "ingestion" };
  expect(await client.check(request, { headers })).toMatchObject({ allowed: true, reason: Reason.ROLE });
  const items = [{ principalId: "user_admin", permissionId: "ingestion" }];
  const { results } = await client.batchCheck({ accountId: home, items }, { headers });
  expect(results).toMatchObject([{ allowed: true, reason: Reason.ROLE }]);
});

describe("a watcher on the data plane", () => {
  const watch = (port: number, bearer: string) => {
    const client = createClient(CheckService, createGrpcTransport({ baseUrl: `http://127.0.0.1:${port}` }));
    const requests = new Outbox<MessageInitShape<typeof WatchRevocationsRequestSchema>>(100);
    const headers = { authorization: `Bearer ${bearer}` };
    const answers = client.watchRevocations(requests, { headers })[Symbol.asyncIterator]();
    const next = async (name: string) => {
      for (;;) {
        const { value, done } = await answers.next();
        if (done === true) throw new Error("the stream has ended");
        if (value.message.case === name) return value.message.value;
      }
    };
    return { requests, answers, next };
  };

  test("is told to forget first, has a lease, and holds a change back until it has confirmed it", async () => {
    const { requests, next } = watch(serving.dataPort, gateway);
    await next("reset");
    requests.push({ message: { case: "renew", value: { nonce: 7n } } });
    expect(await next("lease")).toMatchObject({ nonce: 7n });
    const told = serving.tell(home, "user_2", { state: PrincipalState.INACTIVE, version: 2n });
    const entry = await next("entry");
    expect(entry).toMatchObject({ scopes: expect.arrayContaining([`principal:${home}/user_2`]) });
    const position = "position" in entry ? entry.position : 0n;
    requests.push({ message: { case: "applied", value: { position, sessionsClosed: 3 } } });
    const { enforcement } = await told;
    expect(enforcement?.revision).toBe(position);
    requests.end();
  });

  test("is refused as on the control plane if it may not watch", async () => {
    for (const port of [serving.port, serving.dataPort]) {
      const { answers } = watch(port, `${home}/user_3`);
      expect(await answers.next().catch(reasonOf)).toBe("PERMISSION_DENIED");
    }
  });
});
