import { verify } from "node:crypto";
import { equals, fromBinary } from "@bufbuild/protobuf";
import {
  type RevocationReceipt,
  type RevocationStatement,
  RevocationStatementSchema,
} from "@portcullis/contracts/portcullis/common/v1/receipt_pb.ts";
import { publicKeyObject, type ReceiptPublicKey } from "./keys.ts";
import { flawOf, signedBytes } from "./statement.ts";

/** What a receipt is worth. */
export type ReceiptVerification =
  /** The issuer has signed exactly this statement. */
  | { readonly result: "valid"; readonly statement: RevocationStatement }
  /** None of the keys is one of that id of the issuer that it names. */
  | { readonly result: "unknown_key"; readonly issuer: string; readonly keyId: string }
  /** The key that it names has not signed this. */
  | { readonly result: "wrong_signature" }
  /** It is no receipt, or one that contradicts itself. */
  | { readonly result: "malformed"; readonly why: string };

/**
 * Checks a receipt against public keys that are known to be the issuers'. Only the statement of the answer may be
 * relied on, never the one in the receipt.
 */
export function verifyReceipt(
  receipt: RevocationReceipt,
  keys: readonly ReceiptPublicKey[],
): ReceiptVerification {
  const signed = signedStatementOf(receipt);
  if (signed === undefined) return { result: "malformed", why: "it holds no statement" };
  const { keyId } = receipt;
  const { issuer } = signed;
  // The issuer is part of it: the key of one service must not speak for another.
  const known = keys.find((key) => key.keyId === keyId && key.issuer === issuer);
  const key = known && publicKeyObject(known.publicKey);
  if (key === undefined) return { result: "unknown_key", issuer, keyId };
  if (!verify(null, signedBytes(receipt.statementBytes), key, receipt.signature)) {
    return { result: "wrong_signature" };
  }
  const flaw = flawOf(signed);
  if (flaw !== undefined) return { result: "malformed", why: flaw };
  const shown = receipt.statement;
  if (shown === undefined || !equals(RevocationStatementSchema, shown, signed)) {
    return { result: "malformed", why: "the statement that is shown is not the one that was signed" };
  }
  return { result: "valid", statement: signed };
}

/** Whose receipt it says it is: to find the keys, and nothing else. Undefined where it holds no statement. */
export function claimedIssuer(receipt: RevocationReceipt): string | undefined {
  return signedStatementOf(receipt)?.issuer;
}

function signedStatementOf({ statementBytes }: RevocationReceipt): RevocationStatement | undefined {
  if (statementBytes.length === 0) return undefined;
  try {
    return fromBinary(RevocationStatementSchema, statementBytes);
  } catch {
    return undefined; // not protobuf
  }
}
