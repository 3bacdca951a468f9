import type { Credential } from "./credential.ts";
import type { Effective } from "./effect.ts";
import { requireEtag } from "./etag.ts";
import { getCredential } from "./get-credential.ts";
import { type AccountId, type CredentialId, credentialNotFound, parseCredentialId } from "./ids.ts";
import type { Mutation } from "./mutation.ts";
import type { Clock, CredentialStore, Tx, UnitOfWork } from "./ports.ts";

export interface ChangeCredentialDeps {
  readonly unitOfWork: UnitOfWork;
  readonly credentials: CredentialStore;
  readonly clock: Clock;
}

/** Which credential to change, on whose behalf. */
export interface CredentialCommand {
  readonly mutation: Mutation;
  readonly accountId: AccountId;
  readonly id: CredentialId;
  /** Undefined: whatever it is. */
  readonly etag: string | undefined;
}

/** A change of some fields, and what to note of it; undefined where there is nothing to do. */
export type Change = (
  credential: Credential,
  now: Date,
) => { readonly after: Credential; readonly detail: Readonly<Record<string, unknown>> } | undefined;

/**
 * Commits one change of a credential, with its audit event; verifications that start when it has returned go by
 * the changed one. A change that changes nothing commits nothing. CREDENTIAL_NOT_FOUND, ETAG_MISMATCH.
 */
export async function changeCredential(
  deps: ChangeCredentialDeps,
  command: CredentialCommand,
  action: string,
  change: Change,
  signal: AbortSignal,
): Promise<Effective<Credential>> {
  const outcome = await deps.unitOfWork.once(
    command.mutation,
    async (tx) => {
      const before = await lockUnchanged(tx, command);
      const now = deps.clock();
      const changed = change(before, now);
      if (changed === undefined) return { resourceId: before.id, value: before };
      const value = { ...changed.after, version: before.version + 1, updatedAt: now };
      await tx.updateCredential(value);
      await tx.audit({ accountId: value.accountId, action, targetId: value.id, detail: changed.detail });
      return { resourceId: value.id, value };
    },
    signal,
  );
  const value = outcome.repeated
    ? await getCredential(deps, command.accountId, parseCredentialId(outcome.resourceId), signal)
    : outcome.value;
  return { value, effect: outcome.effect };
}

/** The credential that a command names, if it is as the caller thinks. CREDENTIAL_NOT_FOUND, ETAG_MISMATCH. */
export async function lockUnchanged(tx: Tx, command: CredentialCommand): Promise<Credential> {
  const found = await tx.lockCredential(command.accountId, command.id);
  if (found === undefined) throw credentialNotFound();
  requireEtag(found, command.etag);
  return found;
}
