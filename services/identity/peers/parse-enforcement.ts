import { toBinary } from "@bufbuild/protobuf";
import {
  EnforcementMethod,
  EnforcementSchema,
  type Enforcement as WireEnforcement,
} from "@portcullis/contracts/portcullis/common/v1/receipt_pb.ts";
import type { Enforcement } from "../domain/revocation.ts";

/** What a peer says of itself for a receipt; undefined where it says nothing that could be signed. */
export function parseEnforcement(
  peerName: string,
  wire: WireEnforcement | undefined,
): Enforcement | undefined {
  // No service speaks for another.
  if (wire?.service !== peerName || wire.effectiveTime === undefined) return undefined;
  if (wire.method === EnforcementMethod.UNSPECIFIED) return undefined;
  return { enforcer: peerName, said: toBinary(EnforcementSchema, wire) };
}
