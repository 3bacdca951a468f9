import { create } from "@bufbuild/protobuf";
import { type Timestamp, timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { ConnectRouter } from "@connectrpc/connect";
import {
  EnforcementMethod,
  EnforcementSchema,
  type RevocationReceipt,
  VerifierOutcome,
} from "@portcullis/contracts/portcullis/common/v1/receipt_pb.ts";
import { ReceiptService } from "@portcullis/contracts/portcullis/common/v1/receipt_service_pb.ts";
import { createReceiptIssuer, newReceiptKey, parseReceiptKeys } from "@portcullis/service/receipts";

const keys = parseReceiptKeys(`${newReceiptKey().signingEntry},${newReceiptKey().publicEntry}`);
const effectiveTime: Timestamp = timestampFromDate(new Date("2026-01-02T03:04:05.700Z"));
const enforcement = create(EnforcementSchema, {
  service: "credential",
  generation: "g1",
  revision: 42n,
  commitTime: effectiveTime,
  effectiveTime,
  method: EnforcementMethod.WAITED,
  verifiers: [
    { replicaId: "credential-1", outcome: VerifierOutcome.ACKNOWLEDGED },
    { replicaId: "credential-2", outcome: VerifierOutcome.LEASE_OVER },
  ],
  sessionsClosed: 3n,
});

/** A genuine receipt of one of the services, which all have the same key. */
export function receiptOf(issuer: string, operation: string, targetId: string): RevocationReceipt {
  const receipts = createReceiptIssuer({ keys, issuer, newId: (prefix) => `${prefix}_1` });
  return receipts.issue({ accountId: "acct_own", operation, targetId, enforcements: [enforcement] });
}

/** The keys of all services. */
export function serveReceipts(router: ConnectRouter): void {
  router.service(ReceiptService, { listReceiptKeys: () => ({ keys: [...keys.published] }) });
}
