import { inOrder } from "./custom-role.ts";
import type { Effective } from "./effect.ts";
import type { Mutation } from "./mutation.ts";
import {
  type AccessEntry,
  lockObjects,
  lockOwnObjects,
  type ObjectAccess,
  type ObjectAction,
  type ObjectKey,
  type ObjectSet,
  objectNotFound,
  requireHolders,
} from "./object-access.ts";
import type { ObjectStore } from "./object-ports.ts";
import type { UnitOfWork } from "./ports.ts";

interface Deps {
  readonly work: UnitOfWork;
}

/** Which objects, to whom, and for what. */
export interface Share {
  readonly objects: ObjectSet;
  readonly holderIds: readonly string[];
  readonly action: ObjectAction;
}

/** Opens all of the objects to all of the holders, or none. */
export async function shareObjects(
  deps: Deps,
  mutation: Mutation,
  share: Share,
  signal: AbortSignal,
): Promise<Effective<undefined>> {
  const { objects, holderIds, action } = share;
  const { effect } = await deps.work.once(
    mutation,
    async (tx) => {
      await requireHolders(tx, objects.accountId, inOrder(holderIds));
      await lockOwnObjects(tx, mutation.actor, objects);
      if (await tx.objects.share(objects, inOrder(holderIds), action)) {
        await tx.audit(eventOf("object.share", share));
      }
      return { resourceId: objects.objectType, value: undefined };
    },
    signal,
  );
  return { value: undefined, effect };
}

/** Closes all of the objects to all of the holders, or none. */
export async function unshareObjects(
  deps: Deps,
  mutation: Mutation,
  share: Share,
  signal: AbortSignal,
): Promise<Effective<undefined>> {
  const { objects, holderIds, action } = share;
  const { effect } = await deps.work.once(
    mutation,
    async (tx) => {
      await lockOwnObjects(tx, mutation.actor, objects);
      if (await tx.objects.unshare(objects, inOrder(holderIds), action)) {
        await tx.audit(eventOf("object.unshare", share));
      }
      return { resourceId: objects.objectType, value: undefined };
    },
    signal,
  );
  return { value: undefined, effect };
}

/** Opens orphans to the holders, to modify. OBJECT_NOT_FOUND for one that is none. */
export async function rescueObjects(
  deps: Deps,
  mutation: Mutation,
  objects: ObjectSet,
  holderIds: readonly string[],
  signal: AbortSignal,
): Promise<Effective<undefined>> {
  const { effect } = await deps.work.once(
    mutation,
    async (tx) => {
      await requireHolders(tx, objects.accountId, inOrder(holderIds));
      const reached = (await lockObjects(tx, objects)).find(({ isOrphan }) => !isOrphan);
      if (reached !== undefined) throw objectNotFound(objects.objectType, reached.objectId);
      await tx.objects.share(objects, inOrder(holderIds), "modify");
      await tx.audit(eventOf("object.rescue", { objects, holderIds, action: "modify" }));
      return { resourceId: objects.objectType, value: undefined };
    },
    signal,
  );
  return { value: undefined, effect };
}

/** Opens the object to whom the entries say and to nobody else. */
export async function setObjectAccess(
  deps: Deps & { readonly objects: ObjectStore },
  mutation: Mutation,
  key: ObjectKey,
  entries: readonly AccessEntry[],
  signal: AbortSignal,
): Promise<Effective<ObjectAccess>> {
  const { accountId, objectType, objectId } = key;
  // Of several entries of one holder the strongest counts.
  const byHolder = new Map<string, AccessEntry>();
  for (const entry of entries) {
    if (byHolder.get(entry.holderId)?.action !== "modify") byHolder.set(entry.holderId, entry);
  }
  const { effect } = await deps.work.once(
    mutation,
    async (tx) => {
      await requireHolders(tx, accountId, inOrder([...byHolder.keys()]));
      await lockOwnObjects(tx, mutation.actor, { accountId, objectType, objectIds: [objectId] });
      await tx.objects.replace(key, [...byHolder.values()]);
      const detail = { objectType, entries: [...byHolder.values()] };
      await tx.audit({ accountId, action: "object.set_access", targetId: objectId, detail });
      return { resourceId: objectId, value: undefined };
    },
    signal,
  );
  const access = await deps.objects.find(key, signal);
  if (access === undefined) throw objectNotFound(objectType, objectId);
  return { value: access, effect };
}

function eventOf(action: string, { objects, holderIds, action: access }: Share) {
  const { accountId, objectType, objectIds } = objects;
  return { accountId, action, targetId: objectType, detail: { objectIds, holderIds, access } };
}
