import { type Bytes, varint } from "@portcullis/service/data-plane";
import type { Decision } from "../../domain/decide.ts";
import type { Basis } from "../../domain/decision-ports.ts";
import { reasons } from "../check-messages.ts";

/** What CheckResponse and BatchCheckResult begin with, as the bytes that toBinary(toDecision(…)) would make. */
export function encodeDecision({ allowed, reason, subjectVersion }: Decision): Bytes {
  const decided = (allowed ? "\x08\x01" : "") + field("\x10", reasons[reason]);
  return decided + field("\x18", subjectVersion);
}

/** CheckResponse's fields of what it rests on. */
export function encodeCheckBasis({ revision, staleMsMax }: Basis): Bytes {
  return field("\x20", revision) + field("\x30", staleMsMax);
}

/** BatchCheckResponse's. */
export function encodeBatchBasis({ revision, staleMsMax }: Basis): Bytes {
  return field("\x10", revision) + field("\x18", staleMsMax);
}

function field(tag: Bytes, value: number): Bytes {
  return value === 0 ? "" : tag + varint(value);
}
