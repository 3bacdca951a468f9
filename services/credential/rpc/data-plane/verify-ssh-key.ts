import {
  VerificationService,
  VerifySshKeyRequestSchema,
} from "@portcullis/contracts/portcullis/credential/v1/verification_pb.ts";
import { delimited, parseMessage, toBuffer, type UnaryMethod } from "@portcullis/service/data-plane";
import type { Verdict } from "../../domain/decide.ts";
import { verifySshKeyLater, verifySshKeyNow } from "../../domain/verify-ssh-key.ts";
import type { CredentialDeps } from "../deps.ts";
import { askerOf, parseSshKeyQuestion } from "../verification-messages.ts";
import { encodeVerification } from "./encode-verification.ts";

/** Once for a connection, not for each request: read as any message. */
export function verifySshKey(deps: CredentialDeps): UnaryMethod {
  return {
    kind: "unary",
    method: VerificationService.method.verifySshKey,
    answer(bytes, call) {
      const request = parseMessage(VerifySshKeyRequestSchema, bytes);
      const answer = (verdict: Verdict) =>
        toBuffer(delimited("\x0a", encodeVerification(verdict, request.forCache ? deps.clock() : undefined)));
      const known = verifySshKeyNow(deps, parseSshKeyQuestion(request), askerOf(call));
      return "locator" in known ? verifySshKeyLater(deps, known, call.signal).then(answer) : answer(known);
    },
  };
}
