import {
  type CreateCredentialCommand,
  type CreatedCredential,
  createCredential,
} from "./create-credential.ts";
import { type CreateTokenDeps, mintProof } from "./mint-proof.ts";

/** Creates an authtoken, the credential of agents. */
export function createAuthtoken(
  deps: CreateTokenDeps,
  command: CreateCredentialCommand,
  signal: AbortSignal,
): Promise<CreatedCredential> {
  return createCredential(deps, command, () => mintProof(deps, "authtoken"), signal);
}
