import { GrantService } from "@portcullis/contracts/portcullis/authorization/v1/grant_pb.ts";
import { GroupService } from "@portcullis/contracts/portcullis/authorization/v1/group_pb.ts";
import { GuardService } from "@portcullis/contracts/portcullis/authorization/v1/guard_pb.ts";
import { RoleBindingService } from "@portcullis/contracts/portcullis/authorization/v1/role_binding_pb.ts";
import { SessionService } from "@portcullis/contracts/portcullis/credential/v1/session_pb.ts";
import { AccountEnforcementService } from "@portcullis/contracts/portcullis/enforcement/v1/account_enforcement_pb.ts";
import { PrincipalEnforcementService } from "@portcullis/contracts/portcullis/enforcement/v1/principal_enforcement_pb.ts";
import {
  createPeerClient,
  createRemoteAuthenticator,
  createRemoteAuthorizer,
  observePeerMemories,
  openPeerChecker,
  openPeerVerifier,
  type PeerOptions,
  parseWorkloadKey,
  type RpcMetrics,
  type SecurityDeps,
} from "@portcullis/service";
import type { IdentityConfig } from "../config.ts";
import type { GrantPolicy, MemberGuard, Sessions } from "../domain/people-ports.ts";
import type { Enforcer } from "../domain/ports.ts";
import { createPeerEnforcer } from "./peer-enforcer.ts";
import { createPeerGrantPolicy } from "./peer-grant-policy.ts";
import { createPeerGrants } from "./peer-grants.ts";
import { createPeerMemberGuard } from "./peer-member-guard.ts";
import { createPeerSessions } from "./peer-sessions.ts";

export const serviceName = "identity";

/** What identity needs of credential and authorization: callers proven and permitted, changes enforced. */
export function connectPeers(
  config: IdentityConfig,
  metrics: RpcMetrics,
): {
  readonly security: SecurityDeps;
  readonly enforcers: readonly Enforcer[];
  readonly sessions: Sessions;
  readonly memberGuard: MemberGuard;
  readonly grantPolicy: GrantPolicy;
  close(): void;
} {
  const workloadKey = parseWorkloadKey(config.WORKLOAD_KEY);
  const peer = { ownName: serviceName, workloadKey, timeoutMs: config.PEER_TIMEOUT_MS };
  const credential = { ...peer, peerName: "credential", baseUrl: config.CREDENTIAL_URL };
  const authorization = { ...peer, peerName: "authorization", baseUrl: config.AUTHORIZATION_URL };
  const enforcement = (enforcer: PeerOptions) => ({
    accounts: createPeerClient(AccountEnforcementService, enforcer),
    principals: createPeerClient(PrincipalEnforcementService, enforcer),
  });
  const verifier = openPeerVerifier(credential, config.CALLER_MEMORY_ENTRIES_MAX);
  const checker = openPeerChecker(authorization, config.CALLER_MEMORY_ENTRIES_MAX);
  observePeerMemories(metrics, { credential: verifier, authorization: checker });
  const authorizer = createRemoteAuthorizer(checker, authorization);
  const guard = createPeerClient(GuardService, authorization);
  return {
    security: {
      serviceName,
      workloadKey,
      apiKeys: createRemoteAuthenticator(verifier, credential),
      authorizer,
      callTimeoutMs: config.CALL_TIMEOUT_MS,
    },
    enforcers: [
      createPeerEnforcer("credential", enforcement(credential)),
      createPeerEnforcer(
        "authorization",
        enforcement(authorization),
        createPeerGrants({
          roleBindings: createPeerClient(RoleBindingService, authorization),
          groups: createPeerClient(GroupService, authorization),
          grants: createPeerClient(GrantService, authorization),
        }),
      ),
    ],
    sessions: createPeerSessions(createPeerClient(SessionService, credential), {
      idleSeconds: config.SESSION_IDLE_SECONDS,
      totalSeconds: config.SESSION_LIFETIME_SECONDS,
    }),
    memberGuard: createPeerMemberGuard(guard),
    grantPolicy: createPeerGrantPolicy(guard, authorizer),
    close() {
      verifier.close();
      checker.close();
    },
  };
}
