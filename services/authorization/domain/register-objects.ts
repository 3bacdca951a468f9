import { DomainError } from "@portcullis/errors";
import { inOrder } from "./custom-role.ts";
import type { Effective } from "./effect.ts";
import { type AccountId, everyoneId } from "./ids.ts";
import type { Mutation } from "./mutation.ts";
import type { ObjectSet } from "./object-access.ts";
import type { Clock, UnitOfWork } from "./ports.ts";
import { requirePrincipals } from "./require-principals.ts";

/** Objects to make known. */
export interface Registrations {
  readonly accountId: AccountId;
  readonly objectType: string;
  readonly objects: readonly { readonly objectId: string; readonly creatorId: string | undefined }[];
}

/** Makes the unknown ones known, open by the account's policy. The creators exist: PRINCIPAL_NOT_FOUND. */
export async function registerObjects(
  deps: { readonly work: UnitOfWork; readonly now: Clock },
  mutation: Mutation,
  { accountId, objectType, objects }: Registrations,
  signal: AbortSignal,
): Promise<Effective<undefined>> {
  const { effect } = await deps.work.once(
    mutation,
    async (tx) => {
      if (!(await tx.objects.isTypeKnown(objectType))) {
        throw new DomainError(
          "OBJECT_TYPE_NOT_FOUND",
          "No backend has registered this type of object. Register it with RegisterPermissions.",
          { metadata: { object_type: objectType } },
        );
      }
      const creators = objects.map(({ creatorId }) => creatorId).filter((id) => id !== undefined);
      if (creators.length > 0) await requirePrincipals(tx, accountId, inOrder(creators));
      const { newObjectAccess } = await tx.policies.lock(accountId);
      const open = objects.map((object) => ({
        ...object,
        holderId: newObjectAccess === "everyone" ? everyoneId : object.creatorId,
      }));
      const added = await tx.objects.add(accountId, objectType, open, deps.now());
      if (added > 0) {
        const detail = { objectIds: objects.map(({ objectId }) => objectId), added, newObjectAccess };
        await tx.audit({ accountId, action: "object.register", targetId: objectType, detail });
      }
      return { resourceId: objectType, value: undefined };
    },
    signal,
  );
  return { value: undefined, effect };
}

/** Forgets those of the objects that are known. */
export async function unregisterObjects(
  deps: { readonly work: UnitOfWork },
  mutation: Mutation,
  { accountId, objectType, objectIds }: ObjectSet,
  signal: AbortSignal,
): Promise<Effective<undefined>> {
  const { effect } = await deps.work.once(
    mutation,
    async (tx) => {
      const removed = await tx.objects.remove(accountId, objectType, objectIds);
      if (removed > 0) {
        const detail = { objectIds, removed };
        await tx.audit({ accountId, action: "object.unregister", targetId: objectType, detail });
      }
      return { resourceId: objectType, value: undefined };
    },
    signal,
  );
  return { value: undefined, effect };
}
