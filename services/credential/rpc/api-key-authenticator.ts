import { type ApiKeyAuthenticator, principalOf } from "@portcullis/service";
import { type VerifyDeps, verifyToken } from "../domain/verify-token.ts";
import { toVerification } from "./verification-messages.ts";

/** Proves the callers of this very service, as VerifyToken would for another one. */
export function createApiKeyAuthenticator(deps: VerifyDeps): ApiKeyAuthenticator {
  const acceptedKinds = new Set(["api_key", "session"] as const);
  return {
    async authenticate(apiKey, peerAddress = "", signal) {
      const question = { text: apiKey, acceptedKinds, action: undefined, sourceIp: peerAddress };
      return principalOf(toVerification(await verifyToken(deps, question, { visibleTo: undefined }, signal)));
    },
  };
}
