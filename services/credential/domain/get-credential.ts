import type { Credential } from "./credential.ts";
import { type AccountId, type CredentialId, credentialNotFound } from "./ids.ts";
import type { CredentialStore } from "./ports.ts";

/** CREDENTIAL_NOT_FOUND for unknown and deleted ones, and those of other accounts. */
export async function getCredential(
  deps: { readonly credentials: CredentialStore },
  accountId: AccountId,
  id: CredentialId,
  signal: AbortSignal,
): Promise<Credential> {
  const found = await deps.credentials.find(accountId, id, signal);
  if (found === undefined) throw credentialNotFound();
  return found;
}
