import type { ConnectRouter } from "@connectrpc/connect";
import { ReceiptService } from "@portcullis/contracts/portcullis/common/v1/receipt_service_pb.ts";
import type { ReceiptPublicKey } from "./keys.ts";

/** Serves ReceiptService: the public keys of the service's receipts, each with its issuer. */
export function receiptRoutes(router: ConnectRouter, publicKeys: readonly ReceiptPublicKey[]): void {
  router.service(ReceiptService, {
    listReceiptKeys: ({ issuer: asked }) => ({
      keys: publicKeys.filter(({ issuer }) => asked === "" || asked === issuer).map((key) => ({ ...key })),
    }),
  });
}
