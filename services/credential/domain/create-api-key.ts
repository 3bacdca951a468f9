import {
  type CreateCredentialCommand,
  type CreatedCredential,
  createCredential,
} from "./create-credential.ts";
import { type CreateTokenDeps, mintProof } from "./mint-proof.ts";

/** Creates an API key, the credential for calling the services. It has no ACL. */
export function createApiKey(
  deps: CreateTokenDeps,
  command: Omit<CreateCredentialCommand, "aclRules">,
  signal: AbortSignal,
): Promise<CreatedCredential> {
  return createCredential(deps, { ...command, aclRules: [] }, () => mintProof(deps, "api_key"), signal);
}
