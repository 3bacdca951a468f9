import { sign } from "node:crypto";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  type Enforcement,
  type RevocationReceipt,
  RevocationReceiptSchema,
  RevocationStatementSchema,
} from "@portcullis/contracts/portcullis/common/v1/receipt_pb.ts";
import type { ReceiptKeys, ReceiptPublicKey } from "./keys.ts";
import { flawOf, latestOf, signedBytes } from "./statement.ts";

/** What was taken away, from whom. */
export interface Revocation {
  /** Empty where it is about no account, or about several. */
  readonly accountId: string;
  /** As in the audit log, e.g. `service_user.deactivate`. */
  readonly operation: string;
  readonly targetId: string;
}

/** What a receipt is made of. */
export interface ReceiptRequest extends Revocation {
  /** What each service that enforces the change has to say: at least one. */
  readonly enforcements: readonly Enforcement[];
}

export interface ReceiptIssuer {
  /** For whoever checks its receipts; the key in use first. */
  readonly publicKeys: readonly ReceiptPublicKey[];
  /**
   * A signed receipt, in force since the latest of the enforcements. Throws where the enforcements prove nothing:
   * there are none, or one does not say since when and how; that is a fault of the caller, which must not have
   * called the change effective.
   */
  issue(request: ReceiptRequest): RevocationReceipt;
}

export interface ReceiptIssuerDeps {
  readonly keys: ReceiptKeys;
  /** The service's name. */
  readonly issuer: string;
  readonly newId: (prefix: string) => string;
}

/** Signs receipts in a service's name. */
export function createReceiptIssuer({ keys, issuer, newId }: ReceiptIssuerDeps): ReceiptIssuer {
  const { keyId, privateKey } = keys.signing;
  return {
    publicKeys: keys.published.map((key) => ({ ...key, issuer })),
    issue({ accountId, operation, targetId, enforcements }) {
      const effectiveTime = latestOf(enforcements.map((enforcement) => enforcement.effectiveTime));
      const statement = create(RevocationStatementSchema, {
        receiptId: newId("rcp"),
        accountId,
        operation,
        targetId,
        issuer,
        ...(effectiveTime === undefined ? {} : { effectiveTime }),
        enforcements: [...enforcements],
      });
      const flaw = flawOf(statement);
      if (flaw !== undefined) throw new Error(`a receipt for ${operation} was not issued: ${flaw}`);
      const statementBytes = toBinary(RevocationStatementSchema, statement);
      return create(RevocationReceiptSchema, {
        // Read back, so that it shares nothing with what the caller holds.
        statement: fromBinary(RevocationStatementSchema, statementBytes),
        statementBytes,
        keyId,
        signature: new Uint8Array(sign(null, signedBytes(statementBytes), privateKey)),
      });
    },
  };
}
