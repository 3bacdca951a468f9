import { toBinary } from "@bufbuild/protobuf";
import {
  type Enforcement,
  type RevocationReceipt,
  RevocationReceiptSchema,
} from "@portcullis/contracts/portcullis/common/v1/receipt_pb.ts";
import type { Logger } from "pino";
import type { ReceiptIssuer, Revocation } from "./issue.ts";
import type { ReceiptPublicKey } from "./keys.ts";

/** A receipt as it is kept. */
export interface ReceiptRecord extends Revocation {
  readonly receiptId: string;
  readonly issuedAt: Date;
  /** The receipt, serialized. */
  readonly receipt: Uint8Array;
}

/** The receipts of a service: issued and kept. */
export interface ReceiptBook {
  readonly publicKeys: readonly ReceiptPublicKey[];
  /**
   * Issues the receipt of a change that is in force, and keeps it. Throws as `ReceiptIssuer.issue` does. Where it
   * can't be kept, or not within two seconds, that is logged and the receipt given all the same: the change is in
   * force, and the caller must not be told otherwise. The copy in the answer is then the only one.
   */
  of(revocation: Revocation, enforcements: readonly Enforcement[]): Promise<RevocationReceipt>;
}

export interface ReceiptBookDeps {
  readonly issuer: ReceiptIssuer;
  /** Resolves when it is kept. Rejects soon after the signal aborts. */
  readonly store: (record: ReceiptRecord, signal: AbortSignal) => Promise<void>;
  readonly clock: () => Date;
  readonly log: Pick<Logger, "error">;
}

/** The caller of an operation that is done waits for no longer than this, in milliseconds. */
const storeMsMax = 2_000;

export function createReceiptBook({ issuer, store, clock, log }: ReceiptBookDeps): ReceiptBook {
  return {
    publicKeys: issuer.publicKeys,
    async of(revocation, enforcements) {
      const receipt = issuer.issue({ ...revocation, enforcements });
      const { accountId, operation, targetId } = revocation;
      const receiptId = receipt.statement?.receiptId ?? ""; // the issuer has set it
      try {
        const bytes = toBinary(RevocationReceiptSchema, receipt);
        const record = { accountId, operation, targetId, receiptId, issuedAt: clock(), receipt: bytes };
        await store(record, AbortSignal.timeout(storeMsMax));
      } catch (error) {
        log.error({ err: error, accountId, operation, targetId, receiptId }, "a receipt could not be kept");
      }
      return receipt;
    },
  };
}
