import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { ReceiptService } from "@portcullis/contracts/portcullis/common/v1/receipt_service_pb.ts";
import { toEnforcement, verifyReceipt } from "@portcullis/service";
import { expect, test } from "vitest";
import { startTestIdentity } from "./testing/start-identity.ts";

const settled = {
  at: { generation: "g", position: 1 },
  effectiveWallMs: 2,
  method: "acknowledged",
  verifiers: [],
  sessionsClosed: 0,
} as const;

test("what identity signs is kept, and valid by the keys that it serves", async () => {
  await using identity = await startTestIdentity();
  const transport = createGrpcTransport({ baseUrl: `http://127.0.0.1:${identity.port}` });
  const { keys } = await createClient(ReceiptService, transport).listReceiptKeys({});
  const revocation = { accountId: identity.acme, operation: "service_user.lock", targetId: "svc_1" };
  const receipt = await identity.deps.receipts.of(revocation, [toEnforcement("identity", settled, 1)]);
  const publicKeys = keys.map((key) => ({ ...key, issuer: "identity" }));
  expect(verifyReceipt(receipt, publicKeys).result).toBe("valid");
  const rows = await identity.database.db
    .selectFrom("revocation_receipts")
    .select(["account_id", "target_id", "receipt_id"])
    .execute();
  const { accountId: account_id, targetId: target_id } = revocation;
  expect(rows).toEqual([{ account_id, target_id, receipt_id: receipt.statement?.receiptId }]);
});
