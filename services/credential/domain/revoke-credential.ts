import { type ChangeCredentialDeps, type CredentialCommand, changeCredential } from "./change-credential.ts";
import type { Credential } from "./credential.ts";
import type { Effective } from "./effect.ts";

/** Refuses it for ever from the moment this has returned, and keeps it. To revoke it again changes nothing. */
export function revokeCredential(
  deps: ChangeCredentialDeps,
  command: CredentialCommand,
  signal: AbortSignal,
): Promise<Effective<Credential>> {
  const change = (before: Credential, now: Date) =>
    before.revokedAt === undefined
      ? { after: { ...before, revokedAt: now }, detail: { kind: before.proof.kind, ownerId: before.ownerId } }
      : undefined;
  return changeCredential(deps, command, "credential.revoke", change, signal);
}
