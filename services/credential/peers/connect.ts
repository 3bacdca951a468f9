import { AccountService } from "@portcullis/contracts/portcullis/identity/v1/account_pb.ts";
import {
  createPeerClient,
  createRemoteAuthorizer,
  observePeerMemories,
  openPeerChecker,
  parseWorkloadKey,
  type RpcMetrics,
  type SecurityDeps,
  type Tls,
} from "@portcullis/service";
import type { CredentialConfig } from "../config.ts";
import type { PlanFeatures } from "../domain/ports.ts";
import { createPeerPlanFeatures } from "./peer-plan-features.ts";

export const serviceName = "credential";

/** What this service needs of others: callers permitted, whom it proves itself, and what plans have. */
export interface CredentialPeers {
  readonly security: Omit<SecurityDeps, "apiKeys">;
  readonly plans: PlanFeatures;
}

interface ConnectedPeers extends CredentialPeers {
  close(): void;
}

/** `tls`: this service's own, which it shows to peers that ask for a certificate. */
export function connectPeers(
  config: CredentialConfig,
  tls: Tls | undefined,
  metrics: RpcMetrics,
): ConnectedPeers {
  const workloadKey = parseWorkloadKey(config.WORKLOAD_KEY);
  const peer = { ownName: serviceName, workloadKey, timeoutMs: config.PEER_TIMEOUT_MS, tls };
  const authorization = { ...peer, peerName: "authorization", baseUrl: config.AUTHORIZATION_URL };
  const identity = { ...peer, peerName: "identity", baseUrl: config.IDENTITY_URL };
  const checker = openPeerChecker(authorization, config.CALLER_MEMORY_ENTRIES_MAX);
  observePeerMemories(metrics, { authorization: checker });
  return {
    security: {
      serviceName,
      workloadKey,
      authorizer: createRemoteAuthorizer(checker, authorization),
      callTimeoutMs: config.CALL_TIMEOUT_MS,
    },
    plans: createPeerPlanFeatures(createPeerClient(AccountService, identity)),
    close: () => checker.close(),
  };
}
