import type { MethodImpl } from "@connectrpc/connect";
import type { VerificationService } from "@portcullis/contracts/portcullis/credential/v1/verification_pb.ts";
import { callOf } from "@portcullis/service";
import { verifySshKey as verify } from "../domain/verify-ssh-key.ts";
import type { CredentialDeps } from "./deps.ts";
import { askerOf, parseSshKeyQuestion, toVerification } from "./verification-messages.ts";

export function verifySshKey(
  deps: CredentialDeps,
): MethodImpl<typeof VerificationService.method.verifySshKey> {
  return async (request, context) => {
    const call = callOf(context);
    const verdict = await verify(deps, parseSshKeyQuestion(request), askerOf(call), call);
    return { verification: toVerification(verdict, request.forCache ? deps.clock() : undefined) };
  };
}
