import type { SubjectStore } from "./decision-ports.ts";
import { effectivePermissions, type Source } from "./holdings.ts";
import type { PrincipalRef } from "./ids.ts";
import { requireRevision } from "./revision.ts";

export interface HeldPermission {
  readonly permissionId: string;
  readonly sources: readonly Source[];
}

/** What the principal holds, by id, with each way in which it does. Empty for an unknown one. REVISION_UNKNOWN. */
export async function listPermissions(
  deps: { readonly subjects: SubjectStore },
  ref: PrincipalRef | undefined,
  minRevision: number,
  signal: AbortSignal,
): Promise<{ readonly permissions: readonly HeldPermission[]; readonly revision: number }> {
  const nobody = { holdings: undefined, revision: 0 };
  const { holdings, revision } = ref === undefined ? nobody : await deps.subjects.find(ref, signal);
  requireRevision(revision, minRevision);
  if (holdings === undefined) return { permissions: [], revision };
  const permissions = [...effectivePermissions(holdings)]
    .map(([permissionId, sources]) => ({ permissionId, sources }))
    .toSorted((a, b) => (a.permissionId < b.permissionId ? -1 : 1));
  return { permissions, revision };
}
