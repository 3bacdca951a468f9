import { type ApiKeyAuthenticator, type Proof, principalOf } from "@portcullis/service";
import type { Verdict } from "../domain/decide.ts";
import { type VerifyDeps, verifyTokenLater, verifyTokenNow } from "../domain/verify-token.ts";

const acceptedKinds = new Set(["api_key", "session"] as const);
const everywhere = { visibleTo: undefined };

/** Proves the callers of this very service, as VerifyToken would for another one. */
export function createApiKeyAuthenticator(deps: VerifyDeps): Required<ApiKeyAuthenticator> {
  const verifyNow = (text: string, sourceIp = "", userAgent = "") =>
    verifyTokenNow(deps, { text, acceptedKinds, action: undefined, sourceIp, userAgent }, everywhere);
  return {
    recall(apiKey, peerAddress, userAgent) {
      const known = verifyNow(apiKey, peerAddress, userAgent);
      return "locator" in known ? undefined : principalOf(proofOf(known));
    },
    async authenticate(apiKey, peerAddress, signal, userAgent) {
      const known = verifyNow(apiKey, peerAddress, userAgent);
      const verdict = "locator" in known ? await verifyTokenLater(deps, known, signal) : known;
      return principalOf(proofOf(verdict));
    },
  };
}

function proofOf(verdict: Verdict): Proof {
  if (verdict.result === "throttled") return verdict;
  if (verdict.result !== "valid") return { result: verdict.result };
  const { accountId, ownerId, id, session: held } = verdict.held;
  const session = held === undefined ? undefined : { sessionGroupId: held.groupId, userId: held.userId };
  return { result: "valid", credential: { accountId, ownerId, credentialId: id, session } };
}
