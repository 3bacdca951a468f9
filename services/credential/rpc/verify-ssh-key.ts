import type { MethodImpl } from "@connectrpc/connect";
import type { VerificationService } from "@portcullis/contracts/portcullis/credential/v1/verification_pb.ts";
import { callOf } from "@portcullis/service";
import { verifySshKey as verify } from "../domain/verify-ssh-key.ts";
import type { CredentialDeps } from "./deps.ts";
import { askerOf, parseAction, toVerification } from "./verification-messages.ts";

export function verifySshKey(
  deps: CredentialDeps,
): MethodImpl<typeof VerificationService.method.verifySshKey> {
  return async (request, context) => {
    const call = callOf(context);
    const { publicKey, sourceIp } = request;
    const question = { publicKey, action: parseAction(request.action), sourceIp };
    return { verification: toVerification(await verify(deps, question, askerOf(call), call.signal)) };
  };
}
