import { type ApiKeyAuthenticator, principalOf } from "@portcullis/service";
import { type VerifyDeps, verifyTokenLater, verifyTokenNow } from "../domain/verify-token.ts";
import { toVerification } from "./verification-messages.ts";

const acceptedKinds = new Set(["api_key", "session"] as const);
const everywhere = { visibleTo: undefined };

/** Proves the callers of this very service, as VerifyToken would for another one. */
export function createApiKeyAuthenticator(deps: VerifyDeps): Required<ApiKeyAuthenticator> {
  const verifyNow = (text: string, sourceIp = "", userAgent = "") =>
    verifyTokenNow(deps, { text, acceptedKinds, action: undefined, sourceIp, userAgent }, everywhere);
  return {
    recall(apiKey, peerAddress, userAgent) {
      const known = verifyNow(apiKey, peerAddress, userAgent);
      return "locator" in known ? undefined : principalOf(toVerification(known));
    },
    async authenticate(apiKey, peerAddress, signal, userAgent) {
      const known = verifyNow(apiKey, peerAddress, userAgent);
      const verdict = "locator" in known ? await verifyTokenLater(deps, known, signal) : known;
      return principalOf(toVerification(verdict));
    },
  };
}
