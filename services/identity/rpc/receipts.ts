import { fromBinary } from "@bufbuild/protobuf";
import {
  EnforcementSchema,
  type RevocationReceipt,
} from "@portcullis/contracts/portcullis/common/v1/receipt_pb.ts";
import { mergeEnforcements, type ReceiptBook } from "@portcullis/service";
import type { Revocation } from "../domain/revocation.ts";

/** The receipt for an answer; none where nothing is known to be taken away. */
export async function receiptFor(
  { receipts }: { readonly receipts: ReceiptBook },
  { enforcements, ...revocation }: Revocation,
): Promise<{ readonly receipt?: RevocationReceipt }> {
  if (enforcements.length === 0) return {};
  const said = enforcements.map((enforcement) => fromBinary(EnforcementSchema, enforcement.said));
  return { receipt: await receipts.of(revocation, mergeEnforcements(said)) };
}
