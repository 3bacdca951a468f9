import type { MethodImpl } from "@connectrpc/connect";
import type { VerificationService } from "@portcullis/contracts/portcullis/credential/v1/verification_pb.ts";
import { callOf } from "@portcullis/service";
import { verifyToken as verify } from "../domain/verify-token.ts";
import type { CredentialDeps } from "./deps.ts";
import { askerOf, parseTokenQuestion, toVerification } from "./verification-messages.ts";

export function verifyToken(deps: CredentialDeps): MethodImpl<typeof VerificationService.method.verifyToken> {
  return async (request, context) => {
    const call = callOf(context);
    const verdict = await verify(deps, parseTokenQuestion(request), askerOf(call), call);
    return { verification: toVerification(verdict, request.forCache ? deps.clock() : undefined) };
  };
}
