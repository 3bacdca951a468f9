import type { MethodImpl } from "@connectrpc/connect";
import type { VerificationService } from "@portcullis/contracts/portcullis/credential/v1/verification_pb.ts";
import { callOf } from "@portcullis/service";
import type { Verdict } from "../domain/decide.ts";
import { verifyTokens } from "../domain/verify-tokens.ts";
import type { CredentialDeps } from "./deps.ts";
import { askerOf, parseTokenQuestion, toVerification } from "./verification-messages.ts";

export function batchVerifyTokens(
  deps: CredentialDeps,
): MethodImpl<typeof VerificationService.method.batchVerifyTokens> {
  return async (request, context) => {
    const call = callOf(context);
    const questions = request.requests.map(parseTokenQuestion);
    const verdicts = await verifyTokens(deps, questions, askerOf(call), call);
    const now = deps.clock();
    const toAnswer = (verdict: Verdict, index: number) =>
      toVerification(verdict, request.requests[index]?.forCache === true ? now : undefined);
    return { verifications: verdicts.map(toAnswer) };
  };
}
