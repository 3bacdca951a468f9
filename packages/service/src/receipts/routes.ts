import type { ConnectRouter } from "@connectrpc/connect";
import { ReceiptService } from "@portcullis/contracts/portcullis/common/v1/receipt_service_pb.ts";
import type { ReceiptPublicKey } from "./keys.ts";

/** Serves ReceiptService: the public keys of the service's receipts. */
export function receiptRoutes(router: ConnectRouter, publicKeys: readonly ReceiptPublicKey[]): void {
  const keys = publicKeys.map(({ keyId, publicKey }) => ({ keyId, publicKey }));
  router.service(ReceiptService, { listReceiptKeys: () => ({ keys }) });
}
