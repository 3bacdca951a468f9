import type { Effective } from "./effect.ts";
import { principalNotFound, sessionNotFound } from "./ids.ts";
import type { Mutation } from "./mutation.ts";
import type { SessionSelection, UnitOfWork } from "./ports.ts";

/**
 * Ends sessions from the moment this has returned, and tells how many there were. A repeat ends nothing.
 * SESSION_NOT_FOUND where one is named that there is not; PRINCIPAL_NOT_FOUND for an unknown user.
 */
export async function endSessions(
  deps: { readonly unitOfWork: UnitOfWork },
  mutation: Mutation,
  selection: SessionSelection,
  signal: AbortSignal,
): Promise<Effective<number>> {
  const outcome = await deps.unitOfWork.once(
    mutation,
    async (tx) => {
      if (selection.of === "principal") {
        const { accountId, ownerId } = selection;
        const owner = await tx.holdPrincipal({ accountId, principalId: ownerId });
        if (owner === undefined || owner.state === "deleted") throw principalNotFound();
      }
      const ended = await tx.deleteSessions(selection);
      const isNamed = selection.of === "one" || selection.of === "own";
      if (isNamed && ended.length === 0) throw sessionNotFound();
      for (const { accountId, id, ownerId } of ended) {
        await tx.audit({ accountId, action: "session.end", targetId: id, detail: { ownerId } });
      }
      return { resourceId: "", value: ended.length };
    },
    signal,
  );
  return { value: outcome.repeated ? 0 : outcome.value, effect: outcome.effect };
}
