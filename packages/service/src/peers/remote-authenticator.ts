import type { Client } from "@connectrpc/connect";
import { CredentialKind } from "@portcullis/contracts/portcullis/credential/v1/credential_pb.ts";
import type { VerificationService } from "@portcullis/contracts/portcullis/credential/v1/verification_pb.ts";
import type { ApiKeyAuthenticator } from "../security.ts";
import { unavailablePeer } from "./peer-client.ts";
import { principalOf } from "./verification-answer.ts";

/** Has API keys and sessions verified by the credential service. */
export function createRemoteAuthenticator(client: Client<typeof VerificationService>): ApiKeyAuthenticator {
  return {
    async authenticate(apiKey, peerAddress, signal, userAgent) {
      const request = {
        token: apiKey,
        acceptedKinds: [CredentialKind.API_KEY, CredentialKind.SESSION],
        ...(peerAddress === undefined ? {} : { sourceIp: peerAddress }),
        ...(userAgent === undefined ? {} : { userAgent }),
      };
      const { verification } = await client.verifyToken(request, { signal }).catch((error: unknown) => {
        throw unavailablePeer("credential", error);
      });
      return principalOf(verification);
    },
  };
}
