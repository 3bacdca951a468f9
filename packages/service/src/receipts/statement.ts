import type { Timestamp } from "@bufbuild/protobuf/wkt";
import {
  type Enforcement,
  EnforcementMethod,
  type RevocationStatement,
  VerifierOutcome,
} from "@portcullis/contracts/portcullis/common/v1/receipt_pb.ts";

/** What is signed begins with this, so that no other signature of the key can pass for one of a receipt. */
const signedPrefix = Buffer.from("portcullis.receipt.v1\0", "ascii");

/** What the signature of a statement is made of. */
export function signedBytes(statementBytes: Uint8Array): Uint8Array {
  return Buffer.concat([signedPrefix, statementBytes]);
}

/** Why the statement is none that an issuer may sign and a verifier take for proof; undefined for one that is. */
export function flawOf(statement: RevocationStatement): string | undefined {
  if (statement.receiptId === "") return "it has no id";
  if (statement.operation === "") return "it names no operation";
  if (statement.issuer === "") return "it names no issuer";
  if (statement.enforcements.length === 0) return "no service says that it enforces the change";
  const flaw = statement.enforcements.map(flawOfEnforcement).find((found) => found !== undefined);
  if (flaw !== undefined) return flaw;
  const { effectiveTime } = statement;
  const latest = latestOf(statement.enforcements.map((enforcement) => enforcement.effectiveTime));
  if (effectiveTime === undefined || latest === undefined) return "it does not say since when";
  if (compareTimes(effectiveTime, latest) !== 0)
    return "it is not in force since the latest of its enforcements";
  return undefined;
}

function flawOfEnforcement(enforcement: Enforcement): string | undefined {
  const { service, effectiveTime, method, verifiers } = enforcement;
  if (service === "") return "an enforcement names no service";
  if (effectiveTime === undefined) return `${service} does not say since when`;
  if (method === EnforcementMethod.UNSPECIFIED) return `${service} does not say how it knows`;
  const unsettled = verifiers.find(({ outcome }) => outcome === VerifierOutcome.UNSPECIFIED);
  return unsettled && `${service} does not say why ${unsettled.replicaId} can't answer as before`;
}

/** The latest; undefined of none. */
export function latestOf(times: readonly (Timestamp | undefined)[]): Timestamp | undefined {
  return times.reduce((latest, time) => {
    if (latest === undefined || time === undefined) return latest ?? time;
    return compareTimes(time, latest) > 0 ? time : latest;
  }, undefined);
}

function compareTimes(a: Timestamp, b: Timestamp): number {
  return a.seconds === b.seconds ? a.nanos - b.nanos : a.seconds > b.seconds ? 1 : -1;
}
