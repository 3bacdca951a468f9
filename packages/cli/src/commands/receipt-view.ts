import {
  type Enforcement,
  EnforcementMethod,
  type Verifier,
  VerifierOutcomeSchema,
} from "@portcullis/contracts/portcullis/common/v1/receipt_pb.ts";
import type { ReceiptVerification } from "@portcullis/service/receipts";
import type { Field, View } from "../output/view.ts";
import { exactInstant, word } from "../output/words.ts";

/** A receipt that is valid, with what it says; or in one line why it is not. */
export function receiptView(verification: ReceiptVerification, keyId: string): View {
  if (verification.result !== "valid") {
    return { kind: "line", text: `INVALID: ${whyNot(verification)}.` };
  }
  const { statement } = verification;
  return {
    kind: "fields",
    fields: [
      ["Result", "VALID"],
      ["Done", statement.operation],
      ["To", statement.targetId],
      ["Account", statement.accountId],
      ["Nobody can use it since", exactInstant(statement.effectiveTime)],
      ...statement.enforcements.map(enforcementField),
      ["Signed by", `${statement.issuer}, with the key ${keyId}`],
      ["Receipt", statement.receiptId],
    ],
  };
}

/** Why a receipt is not valid, as the end of a sentence. */
export function whyNot(verification: Exclude<ReceiptVerification, { readonly result: "valid" }>): string {
  switch (verification.result) {
    case "unknown_key":
      return `${verification.issuer} has no key "${verification.keyId}" among those that were looked at`;
    case "wrong_signature":
      return "this is not what the key was used to sign: it was altered, or somebody else has made it";
    case "malformed":
      return verification.why;
  }
}

function enforcementField(enforcement: Enforcement): Field {
  const { service, revision, generation, effectiveTime, verifiers, sessionsClosed } = enforcement;
  const told = [
    `since ${exactInstant(effectiveTime)}, revision ${revision} of ${generation}`,
    methodOf(enforcement),
    verifiers.length === 0 ? "no replica had it in memory" : verifiers.map(verifierText).join(", "),
    ...(sessionsClosed === 0n ? [] : [`${sessionsClosed} open sessions ended`]),
  ];
  return [`In ${service}`, told.join("; ")];
}

function methodOf({ method }: Enforcement): string {
  switch (method) {
    case EnforcementMethod.ACKNOWLEDGED:
      return "all replicas have confirmed";
    case EnforcementMethod.WAITED:
      return "waited until all leases were over";
    case EnforcementMethod.UNSPECIFIED:
    default:
      return "known in a way that this version does not know";
  }
}

function verifierText({ replicaId, outcome }: Verifier): string {
  return `${replicaId} ${word(VerifierOutcomeSchema, outcome).replaceAll("-", " ")}`;
}
