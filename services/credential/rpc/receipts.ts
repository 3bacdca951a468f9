import type { RevocationReceipt } from "@portcullis/contracts/portcullis/common/v1/receipt_pb.ts";
import { type ReceiptBook, toEnforcement } from "@portcullis/service";
import type { Effect } from "../domain/effect.ts";
import { serviceName } from "../peers/connect.ts";

/** What this service says of a change that is in force. */
export function enforcementOf(effect: Effect) {
  return toEnforcement(serviceName, effect, effect.committedWallMs);
}

/** The receipt for an answer; none where nothing can have been taken away. */
export async function receiptFor(
  { receipts }: { readonly receipts: ReceiptBook },
  revocation: Parameters<ReceiptBook["of"]>[0],
  effect: Effect | undefined,
): Promise<{ readonly receipt?: RevocationReceipt }> {
  if (effect === undefined) return {};
  return { receipt: await receipts.of(revocation, [enforcementOf(effect)]) };
}
