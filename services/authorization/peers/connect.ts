import { VerificationService } from "@portcullis/contracts/portcullis/credential/v1/verification_pb.ts";
import {
  type ApiKeyAuthenticator,
  createPeerClient,
  createRemoteAuthenticator,
  type Tls,
  type WorkloadKey,
} from "@portcullis/service";
import type { TokenProver } from "../domain/decision-ports.ts";
import { createTokenProver } from "./token-prover.ts";

/** What the credential service does for this one. */
export interface Credential {
  readonly apiKeys: ApiKeyAuthenticator;
  readonly tokens: TokenProver;
}

/** How long another service may take, in milliseconds. */
const timeoutMs = 5_000;

/** `tls`: this service's own, which it shows to a peer that asks for a certificate. */
export function connectCredential(
  baseUrl: string,
  ownName: string,
  workloadKey: WorkloadKey,
  tls?: Tls,
): Credential {
  const peer = { baseUrl, peerName: "credential", ownName, workloadKey, timeoutMs, tls };
  const verification = createPeerClient(VerificationService, peer);
  return { apiKeys: createRemoteAuthenticator(verification), tokens: createTokenProver(verification) };
}
