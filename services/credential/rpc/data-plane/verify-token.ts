import {
  VerificationService,
  VerifyTokenRequestSchema,
} from "@portcullis/contracts/portcullis/credential/v1/verification_pb.ts";
import { delimited, parseMessage, toBuffer, type UnaryMethod } from "@portcullis/service/data-plane";
import type { Verdict } from "../../domain/decide.ts";
import { verifyTokenLater, verifyTokenNow } from "../../domain/verify-token.ts";
import type { CredentialDeps } from "../deps.ts";
import { askerOf, parseTokenQuestion } from "../verification-messages.ts";
import { encodeVerification } from "./encode-verification.ts";
import { readTokenRequest, type TokenRequest } from "./read-requests.ts";

export function verifyToken(deps: CredentialDeps): UnaryMethod {
  const answer = (verdict: Verdict, forCache: boolean) =>
    toBuffer(delimited("\x0a", encodeVerification(verdict, forCache ? deps.clock() : undefined)));
  return {
    kind: "unary",
    method: VerificationService.method.verifyToken,
    answer(bytes, call) {
      const { question, forCache } = readTokenRequest(bytes, 0, bytes.length) ?? parse(bytes);
      const asker = askerOf(call);
      const known = verifyTokenNow(deps, question, asker);
      if (!("locator" in known)) return answer(known, forCache);
      return verifyTokenLater(deps, known, call.signal).then((verdict) => answer(verdict, forCache));
    },
  };
}

function parse(bytes: Buffer): TokenRequest {
  const request = parseMessage(VerifyTokenRequestSchema, bytes);
  return { question: parseTokenQuestion(request), forCache: request.forCache };
}
