import { fromBinary } from "@bufbuild/protobuf";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { ServerReflection } from "@portcullis/contracts/grpc/reflection/v1/reflection_pb.ts";
import { RevocationReceiptSchema } from "@portcullis/contracts/portcullis/common/v1/receipt_pb.ts";
import { ReceiptService } from "@portcullis/contracts/portcullis/common/v1/receipt_service_pb.ts";
import { pino } from "pino";
import { expect, onTestFinished, test } from "vitest";
import { newId } from "../ids.ts";
import { createMetrics } from "../metrics.ts";
import { startServer } from "../server/start-server.ts";
import { createTestSecurity, testReceiptKeys } from "../testing/index.ts";
import { toEnforcement } from "./enforcement.ts";
import { createReceiptIssuer } from "./issue.ts";
import { newReceiptKey, parseReceiptKeys } from "./keys.ts";
import { createReceiptBook, type ReceiptRecord } from "./receipt-book.ts";
import { verifyReceipt } from "./verify.ts";

const settled = {
  at: { generation: "g", position: 1 },
  effectiveWallMs: 2,
  method: "acknowledged",
  verifiers: [],
  sessionsClosed: 0,
} as const;
const enforcements = [toEnforcement("identity", settled, 1)];
const revocation = { accountId: "acct_1", operation: "service_user.lock", targetId: "svc_1" };
const issuer = createReceiptIssuer({ keys: testReceiptKeys, issuer: "identity", newId });
const issuedAt = new Date("2026-01-02T03:04:05.678Z");

function book(store: (record: ReceiptRecord, signal: AbortSignal) => Promise<void>) {
  const lines: string[] = [];
  const log = pino({ level: "info" }, { write: (line: string) => void lines.push(line) });
  return { receipts: createReceiptBook({ issuer, store, clock: () => issuedAt, log }), lines };
}

test("what is issued is kept as it was given", async () => {
  const kept: ReceiptRecord[] = [];
  const { receipts } = book(async (record) => void kept.push(record));
  const receipt = await receipts.of(revocation, enforcements);
  expect(kept).toMatchObject([{ ...revocation, receiptId: receipt.statement?.receiptId, issuedAt }]);
  expect(fromBinary(RevocationReceiptSchema, kept[0]?.receipt ?? expect.fail())).toEqual(receipt);
});

test("a receipt that can't be kept is given all the same, and logged", async () => {
  const { receipts, lines } = book(() => Promise.reject(new Error("the disk is full")));
  const receipt = await receipts.of(revocation, enforcements);
  expect(verifyReceipt(receipt, receipts.publicKeys).result).toBe("valid");
  expect(lines.join()).toContain("the disk is full");
  expect(lines.join()).toContain(receipt.statement?.receiptId);
});

test("nothing is kept of what may not be issued", async () => {
  const { receipts } = book(() => expect.fail("it was kept"));
  await expect(receipts.of(revocation, [])).rejects.toThrow("no service says that it enforces the change");
});

test("a server with receipts serves its public keys to anyone, the one in use first, and no private half", async () => {
  const [present, old] = [newReceiptKey(), newReceiptKey()];
  const { publicKeys } = createReceiptIssuer({
    keys: parseReceiptKeys(`${present.signingEntry},${old.publicEntry}`),
    issuer: "identity",
    newId,
  });
  const server = await startServer({
    host: "127.0.0.1",
    port: 0,
    services: [],
    routes: () => {},
    receipts: { publicKeys },
    security: createTestSecurity("identity", {}),
    log: pino({ level: "silent" }),
    metrics: createMetrics("identity"),
    probe: async () => {},
  });
  onTestFinished(() => server.close(0));
  const transport = createGrpcTransport({ baseUrl: `http://127.0.0.1:${server.port}` });
  const { keys } = await createClient(ReceiptService, transport).listReceiptKeys({});
  expect(keys.map(({ keyId }) => keyId)).toEqual([present.keyId, old.keyId]);
  expect(keys.map(({ publicKey }) => Buffer.from(publicKey).toString("base64"))).toEqual(
    [present, old].map(({ publicEntry }) => publicEntry.split(":")[2]),
  );
  async function* asked() {
    yield { messageRequest: { case: "listServices", value: "" } } as const;
  }
  for await (const { messageResponse } of createClient(ServerReflection, transport).serverReflectionInfo(
    asked(),
  )) {
    expect(JSON.stringify(messageResponse.value)).toContain(ReceiptService.typeName);
  }
});
