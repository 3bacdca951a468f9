import { DomainError } from "@portcullis/errors";
import { decide } from "./decide.ts";
import { levelOf } from "./grantable.ts";
import { groupNotFound } from "./group.ts";
import { type AccountId, everyoneId, parsePrincipalRef } from "./ids.ts";
import type { Actor } from "./mutation.ts";
import type { Tx } from "./ports.ts";
import { requirePrincipals } from "./require-principals.ts";

export type ObjectAction = "view" | "modify";

export interface ObjectKey {
  readonly accountId: AccountId;
  readonly objectType: string;
  readonly objectId: string;
}

/** Objects of one type. */
export interface ObjectSet {
  readonly accountId: AccountId;
  readonly objectType: string;
  readonly objectIds: readonly string[];
}

/** Who an object is open to; to modify implies to view. */
export interface AccessEntry {
  /** A principal or group, Everyone too. */
  readonly holderId: string;
  readonly action: ObjectAction;
}

export interface ObjectAccess extends ObjectKey {
  readonly creatorId: string | undefined;
  /** By holder. None: an orphan. */
  readonly entries: readonly AccessEntry[];
}

export interface NewObject {
  readonly objectId: string;
  readonly creatorId: string | undefined;
  /** Who may modify it; undefined: nobody. */
  readonly holderId: string | undefined;
}

export interface LockedObject {
  readonly objectId: string;
  readonly creatorId: string | undefined;
  readonly isOrphan: boolean;
}

export function objectNotFound(objectType: string, objectId: string): DomainError {
  return new DomainError("OBJECT_NOT_FOUND", "There is no such object, or you can't see it.", {
    metadata: { object_type: objectType, object_id: objectId },
  });
}

/** Locks the objects. OBJECT_NOT_FOUND if there is one that does not exist. */
export async function lockObjects(tx: Tx, objects: ObjectSet): Promise<readonly LockedObject[]> {
  const { accountId, objectType, objectIds } = objects;
  const found = await tx.objects.lock(accountId, objectType, objectIds);
  const known = new Set(found.map(({ objectId }) => objectId));
  const missing = objectIds.find((objectId) => !known.has(objectId));
  if (missing !== undefined) throw objectNotFound(objectType, missing);
  return found;
}

/**
 * Locks the objects, whose access the actor may change: who may modify one, or created it; super administrators
 * and services any. OBJECT_NOT_FOUND for what the actor can't see, PERMISSION_DENIED for what it only sees.
 */
export async function lockOwnObjects(tx: Tx, actor: Actor, objects: ObjectSet): Promise<void> {
  const { accountId, objectType } = objects;
  const found = await lockObjects(tx, objects);
  const level = await levelOf(tx, actor, accountId);
  if (level.of === "all" || actor.kind === "workload") return;
  const subject = parsePrincipalRef(actor.accountId, actor.principalId);
  const questionsOf = (action: ObjectAction) =>
    found.map(({ objectId }) => ({
      accountId,
      permission: undefined,
      object: { objectType, objectId, action },
    }));
  const modify = questionsOf("modify");
  const view = questionsOf("view");
  const facts =
    subject === undefined ? [] : await tx.objects.facts(modify.map((question) => ({ ...question, subject })));
  for (const [index, { objectId, creatorId }] of found.entries()) {
    const [asModifier, asViewer] = [modify[index], view[index]];
    if (asModifier === undefined || asViewer === undefined) continue;
    if (creatorId === actor.principalId || decide(facts[index], asModifier).allowed) continue;
    if (!decide(facts[index], asViewer).allowed) throw objectNotFound(objectType, objectId);
    throw new DomainError(
      "PERMISSION_DENIED",
      "Who an object is open to is changed by who may modify it, and by its creator.",
      { metadata: { object_type: objectType, object_id: objectId } },
    );
  }
}

/** PRINCIPAL_NOT_FOUND, GROUP_NOT_FOUND. The holders can't be deleted until the transaction ends. */
export async function requireHolders(
  tx: Tx,
  accountId: AccountId,
  holderIds: readonly string[],
): Promise<void> {
  const groupIds = holderIds.filter((id) => id.startsWith("grp_") && id !== everyoneId);
  const principalIds = holderIds.filter((id) => !id.startsWith("grp_"));
  if (principalIds.length > 0) await requirePrincipals(tx, accountId, principalIds);
  const kept = await tx.groups.keep(accountId, groupIds);
  const missing = groupIds.find((groupId) => !kept.has(groupId));
  if (missing !== undefined) throw groupNotFound(missing);
}
