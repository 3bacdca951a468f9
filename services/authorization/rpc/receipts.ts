import type { RevocationReceipt } from "@portcullis/contracts/portcullis/common/v1/receipt_pb.ts";
import { type Call, type ReceiptBook, toEnforcement } from "@portcullis/service";
import type { Effect } from "../domain/effect.ts";

/** What this service says of a change that is in force. */
export function enforcementOf(effect: Effect) {
  return toEnforcement("authorization", effect, effect.committedWallMs);
}

/** What every change answers with. */
export function toRevision(effect: Effect | undefined): { readonly revision: bigint } {
  return { revision: BigInt(effect?.at.position ?? 0) };
}

/**
 * What a change answers with that takes something away; no receipt where nothing can have been. Operation and target
 * are those of the audit event: of several targets the first.
 */
export async function toReceipt(
  { receipts }: { readonly receipts: ReceiptBook },
  { accountId }: Pick<Call, "accountId">,
  operation: string,
  targetId: string,
  effect: Effect | undefined,
): Promise<{ readonly revision: bigint; readonly receipt?: RevocationReceipt }> {
  if (effect === undefined) return toRevision(effect);
  const receipt = await receipts.of({ accountId, operation, targetId }, [enforcementOf(effect)]);
  return { ...toRevision(effect), receipt };
}
