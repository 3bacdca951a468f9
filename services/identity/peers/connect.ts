import { CheckService } from "@portcullis/contracts/portcullis/authorization/v1/check_pb.ts";
import { VerificationService } from "@portcullis/contracts/portcullis/credential/v1/verification_pb.ts";
import { PrincipalEnforcementService } from "@portcullis/contracts/portcullis/enforcement/v1/principal_enforcement_pb.ts";
import {
  createPeerClient,
  createRemoteAuthenticator,
  createRemoteAuthorizer,
  parseWorkloadKey,
  type SecurityDeps,
} from "@portcullis/service";
import type { IdentityConfig } from "../config.ts";
import type { Enforcer } from "../domain/ports.ts";
import { createPeerEnforcer } from "./peer-enforcer.ts";

export const serviceName = "identity";

/** What identity needs of credential and authorization: callers proven and permitted, changes enforced. */
export function connectPeers(config: IdentityConfig): {
  readonly security: SecurityDeps;
  readonly enforcers: readonly Enforcer[];
} {
  const workloadKey = parseWorkloadKey(config.WORKLOAD_KEY);
  const peer = { ownName: serviceName, workloadKey, timeoutMs: config.PEER_TIMEOUT_MS };
  const credential = { ...peer, peerName: "credential", baseUrl: config.CREDENTIAL_URL };
  const authorization = { ...peer, peerName: "authorization", baseUrl: config.AUTHORIZATION_URL };
  return {
    security: {
      serviceName,
      workloadKey,
      apiKeys: createRemoteAuthenticator(createPeerClient(VerificationService, credential)),
      authorizer: createRemoteAuthorizer(createPeerClient(CheckService, authorization)),
      callTimeoutMs: config.CALL_TIMEOUT_MS,
    },
    enforcers: [credential, authorization].map((options) =>
      createPeerEnforcer(options.peerName, createPeerClient(PrincipalEnforcementService, options)),
    ),
  };
}
