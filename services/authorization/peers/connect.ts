import { VerificationService } from "@portcullis/contracts/portcullis/credential/v1/verification_pb.ts";
import {
  type ApiKeyAuthenticator,
  createPeerClient,
  createRemoteAuthenticator,
  observePeerMemories,
  openPeerVerifier,
  parseWorkloadKey,
  type RpcMetrics,
  type Tls,
} from "@portcullis/service";
import type { AuthorizationConfig } from "../config.ts";
import type { TokenProver } from "../domain/decision-ports.ts";
import { createTokenProver } from "./token-prover.ts";

/** What the credential service does for this one. */
export interface Credential {
  readonly apiKeys: ApiKeyAuthenticator;
  readonly tokens: TokenProver;
  close(): void;
}

/** How long another service may take, in milliseconds. */
const timeoutMs = 5_000;

/** `tls`: this service's own, which it shows to a peer that asks for a certificate. */
export function connectCredential(
  config: AuthorizationConfig,
  ownName: string,
  tls: Tls | undefined,
  metrics: RpcMetrics,
): Credential {
  const workloadKey = parseWorkloadKey(config.WORKLOAD_KEY);
  const peer = {
    baseUrl: config.CREDENTIAL_URL,
    peerName: "credential",
    ownName,
    workloadKey,
    timeoutMs,
    tls,
  };
  const verifier = openPeerVerifier(peer, config.CALLER_MEMORY_ENTRIES_MAX);
  observePeerMemories(metrics, { credential: verifier });
  return {
    apiKeys: createRemoteAuthenticator(verifier, peer),
    tokens: createTokenProver(createPeerClient(VerificationService, peer)),
    close: () => verifier.close(),
  };
}
