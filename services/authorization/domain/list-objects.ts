import { decide } from "./decide.ts";
import type { AccessStore } from "./decision-ports.ts";
import type { PrincipalRef } from "./ids.ts";
import type { ObjectAction } from "./object-access.ts";
import { requireRevision } from "./revision.ts";

/** What of one type, and for what. */
export interface ObjectsWanted {
  readonly objectType: string;
  readonly action: ObjectAction;
  readonly pageSize: number;
  readonly minRevision: number;
}

/** The ids of what the subject may view or modify, page after page, each of one moment. REVISION_UNKNOWN. */
export async function* listObjects(
  deps: { readonly access: AccessStore },
  subject: PrincipalRef | undefined,
  { objectType, action, pageSize, minRevision }: ObjectsWanted,
  signal: AbortSignal,
): AsyncIterable<{ readonly objectIds: readonly string[]; readonly revision: number }> {
  if (subject === undefined) return requireRevision(0, minRevision);
  for (let after = ""; ; ) {
    const { facts, objectIds, revision } = await deps.access.objectsOf(
      subject,
      objectType,
      action,
      after,
      pageSize,
      signal,
    );
    requireRevision(revision, minRevision);
    const last = objectIds.at(-1);
    if (last === undefined) return;
    // Each of them is open to the subject: what is left to decide is the same for all.
    const object = { objectType, objectId: last, action };
    const open = facts && { ...facts, access: action };
    const question = { permission: undefined, object, accountId: subject.accountId };
    if (!decide(open, question).allowed) return;
    yield { objectIds, revision };
    if (objectIds.length < pageSize) return;
    after = last;
  }
}
