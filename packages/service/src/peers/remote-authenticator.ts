import type { Client } from "@connectrpc/connect";
import { CredentialKind } from "@portcullis/contracts/portcullis/credential/v1/credential_pb.ts";
import { VerificationService } from "@portcullis/contracts/portcullis/credential/v1/verification_pb.ts";
import type { TokenQuestion, Verifier } from "@portcullis/sdk";
import type { ApiKeyAuthenticator } from "../security.ts";
import { createPeerClient, type PeerOptions } from "./peer-client.ts";
import { answerOf } from "./peer-memory.ts";
import { type Proof, principalOf } from "./verification-answer.ts";
import { proofOf } from "./wire-proof.ts";

const acceptedKinds = ["api_key", "session"] as const satisfies TokenQuestion["acceptedKinds"];
const acceptedOnTheWire = [CredentialKind.API_KEY, CredentialKind.SESSION];

/** Has API keys and sessions verified by the credential service, which `verifier` remembers the answers of. */
export function createRemoteAuthenticator(
  verifier: Pick<Verifier, "recall" | "verify">,
  peer: PeerOptions,
): Required<ApiKeyAuthenticator> {
  const client: Pick<Client<typeof VerificationService>, "verifyToken"> = createPeerClient(
    VerificationService,
    peer,
  );
  return {
    recall(apiKey, peerAddress) {
      const known = verifier.recall(apiKey, { acceptedKinds, sourceIp: peerAddress });
      return known === undefined ? undefined : principalOf(known);
    },
    async authenticate(apiKey, sourceIp, signal, userAgent) {
      const answer = verifier.verify(apiKey, { acceptedKinds, sourceIp, userAgent });
      const askAnew = async () => {
        const request = { token: apiKey, acceptedKinds: acceptedOnTheWire, sourceIp: sourceIp ?? "" };
        const { verification } = await client.verifyToken(
          { ...request, userAgent: userAgent ?? "" },
          { signal },
        );
        return proofOf(verification);
      };
      return principalOf(await answerOf<Proof>("credential", answer, askAnew, signal));
    },
  };
}
