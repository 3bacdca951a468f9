import { type ChangeCredentialDeps, type CredentialCommand, lockUnchanged } from "./change-credential.ts";
import type { Effect } from "./effect.ts";

/** Ends it for ever from the moment this has returned; its SSH key may be registered again. */
export async function deleteCredential(
  deps: ChangeCredentialDeps,
  command: CredentialCommand,
  signal: AbortSignal,
): Promise<Effect | undefined> {
  const { effect } = await deps.unitOfWork.once(
    command.mutation,
    async (tx) => {
      const found = await lockUnchanged(tx, command);
      await tx.deleteCredential(found);
      await tx.audit({
        accountId: found.accountId,
        action: "credential.delete",
        targetId: found.id,
        detail: { kind: found.proof.kind, ownerId: found.ownerId },
      });
      return { resourceId: found.id, value: undefined };
    },
    signal,
  );
  return effect;
}
