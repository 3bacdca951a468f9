import type { Client } from "@connectrpc/connect";
import {
  VerificationResult,
  type VerificationService,
} from "@portcullis/contracts/portcullis/credential/v1/verification_pb.ts";
import { unavailablePeer } from "@portcullis/service";
import type { TokenProver } from "../domain/decision-ports.ts";
import { parsePrincipalRef } from "../domain/ids.ts";

/** Has tokens verified by the credential service. */
export function createTokenProver(
  client: Pick<Client<typeof VerificationService>, "verifyToken">,
): TokenProver {
  return {
    async prove(token, sourceIp, signal) {
      const { verification } = await client
        .verifyToken({ token, sourceIp }, { signal })
        .catch((error: unknown) => {
          throw unavailablePeer("credential", error);
        });
      if (verification?.result !== VerificationResult.VALID) return undefined;
      const { accountId = "", ownerId = "" } = verification.credential ?? {};
      return parsePrincipalRef(accountId, ownerId);
    },
  };
}
