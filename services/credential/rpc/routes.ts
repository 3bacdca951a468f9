import type { ConnectRouter } from "@connectrpc/connect";
import { CredentialService } from "@portcullis/contracts/portcullis/credential/v1/credential_pb.ts";
import { SessionService } from "@portcullis/contracts/portcullis/credential/v1/session_pb.ts";
import { VerificationService } from "@portcullis/contracts/portcullis/credential/v1/verification_pb.ts";
import { AccountEnforcementService } from "@portcullis/contracts/portcullis/enforcement/v1/account_enforcement_pb.ts";
import { PrincipalEnforcementService } from "@portcullis/contracts/portcullis/enforcement/v1/principal_enforcement_pb.ts";
import { watchRevocations } from "@portcullis/service";
import { applyAccount } from "./apply-account.ts";
import { applyPrincipal } from "./apply-principal.ts";
import { batchVerifyTokens } from "./batch-verify-tokens.ts";
import { createApiKey } from "./create-api-key.ts";
import { createAuthtoken } from "./create-authtoken.ts";
import { createSession } from "./create-session.ts";
import { createSshKey } from "./create-ssh-key.ts";
import { deleteCredential } from "./delete-credential.ts";
import type { CredentialDeps } from "./deps.ts";
import { endAllSessions } from "./end-all-sessions.ts";
import { endMemberSessions } from "./end-member-sessions.ts";
import { endOwnSession } from "./end-own-session.ts";
import { endSession } from "./end-session.ts";
import { endSessionGroup } from "./end-session-group.ts";
import { endUserSessions } from "./end-user-sessions.ts";
import { getCredential } from "./get-credential.ts";
import { listCredentials } from "./list-credentials.ts";
import { listOwnSessions } from "./list-own-sessions.ts";
import { listSessions } from "./list-sessions.ts";
import { previewAccount } from "./preview-account.ts";
import { previewPrincipal } from "./preview-principal.ts";
import { revokeCredential } from "./revoke-credential.ts";
import { isScopeVisible } from "./scope-visibility.ts";
import { updateCredential } from "./update-credential.ts";
import { verifySshKey } from "./verify-ssh-key.ts";
import { verifyStream } from "./verify-stream.ts";
import { verifyToken } from "./verify-token.ts";

/** The proto services that the credential service serves. */
export const services = [
  CredentialService,
  SessionService,
  VerificationService,
  AccountEnforcementService,
  PrincipalEnforcementService,
];

/** Registers every RPC of the credential service. */
export function routes(router: ConnectRouter, deps: CredentialDeps): void {
  router.service(CredentialService, {
    createAuthtoken: createAuthtoken(deps),
    createApiKey: createApiKey(deps),
    createSshKey: createSshKey(deps),
    getCredential: getCredential(deps),
    listCredentials: listCredentials(deps),
    updateCredential: updateCredential(deps),
    revokeCredential: revokeCredential(deps),
    deleteCredential: deleteCredential(deps),
  });
  router.service(SessionService, {
    createSession: createSession(deps),
    listOwnSessions: listOwnSessions(deps),
    listSessions: listSessions(deps),
    endOwnSession: endOwnSession(deps),
    endSession: endSession(deps),
    endAllSessions: endAllSessions(deps),
    endUserSessions: endUserSessions(deps),
    endMemberSessions: endMemberSessions(deps),
    endSessionGroup: endSessionGroup(deps),
  });
  router.service(VerificationService, {
    verifyToken: verifyToken(deps),
    batchVerifyTokens: batchVerifyTokens(deps),
    verifySshKey: verifySshKey(deps),
    verifyStream: verifyStream(deps),
    watchRevocations: watchRevocations({ ...deps.coherence, isVisible: isScopeVisible }),
  });
  router.service(AccountEnforcementService, {
    applyAccount: applyAccount(deps),
    previewAccount: previewAccount(deps),
  });
  router.service(PrincipalEnforcementService, {
    applyPrincipal: applyPrincipal(deps),
    previewPrincipal: previewPrincipal(deps),
  });
}
