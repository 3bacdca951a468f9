import { CheckService } from "@portcullis/contracts/portcullis/authorization/v1/check_pb.ts";
import {
  createPeerClient,
  createRemoteAuthorizer,
  parseWorkloadKey,
  type SecurityDeps,
} from "@portcullis/service";
import type { CredentialConfig } from "../config.ts";

export const serviceName = "credential";

/** What this service needs of authorization: callers permitted. It proves them itself. */
export function connectPeers(config: CredentialConfig): Omit<SecurityDeps, "apiKeys"> {
  const workloadKey = parseWorkloadKey(config.WORKLOAD_KEY);
  const authorization = createPeerClient(CheckService, {
    baseUrl: config.AUTHORIZATION_URL,
    peerName: "authorization",
    ownName: serviceName,
    workloadKey,
    timeoutMs: config.PEER_TIMEOUT_MS,
  });
  return {
    serviceName,
    workloadKey,
    authorizer: createRemoteAuthorizer(authorization),
    callTimeoutMs: config.CALL_TIMEOUT_MS,
  };
}
