import {
  BatchVerifyTokensRequestSchema,
  VerificationService,
} from "@portcullis/contracts/portcullis/credential/v1/verification_pb.ts";
import { delimited, parseMessage, toBuffer, type UnaryMethod } from "@portcullis/service/data-plane";
import type { Verdict } from "../../domain/decide.ts";
import { thisMoment, verifyTokenNow } from "../../domain/verify-token.ts";
import { areVerdicts, verifyTokensLater } from "../../domain/verify-tokens.ts";
import type { CredentialDeps } from "../deps.ts";
import { askerOf, parseTokenQuestion } from "../verification-messages.ts";
import { encodeVerification } from "./encode-verification.ts";
import { readBatch, type TokenRequest } from "./read-requests.ts";

export function batchVerifyTokens(deps: CredentialDeps): UnaryMethod {
  const answer = (verdicts: readonly Verdict[], requests: readonly TokenRequest[]) => {
    const now = deps.clock();
    let bytes = "";
    for (let index = 0; index < requests.length; index++) {
      const [verdict, request] = [verdicts[index], requests[index]];
      if (verdict === undefined || request === undefined) break;
      bytes += delimited("\x0a", encodeVerification(verdict, request.forCache ? now : undefined));
    }
    return toBuffer(bytes);
  };
  return {
    kind: "unary",
    method: VerificationService.method.batchVerifyTokens,
    answer(bytes, call) {
      const requests = readBatch(bytes) ?? parse(bytes);
      const asker = askerOf(call);
      const moment = thisMoment(deps);
      const known = requests.map(({ question }) => verifyTokenNow(deps, question, asker, moment));
      if (areVerdicts(known)) return answer(known, requests);
      return verifyTokensLater(deps, known, call.signal).then((all) => answer(all, requests));
    },
  };
}

function parse(bytes: Buffer): readonly TokenRequest[] {
  const { requests } = parseMessage(BatchVerifyTokensRequestSchema, bytes);
  return requests.map((request) => ({ question: parseTokenQuestion(request), forCache: request.forCache }));
}
