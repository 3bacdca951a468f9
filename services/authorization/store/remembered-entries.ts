import type { Scope } from "@portcullis/coherence";
import type { PrincipalRef } from "../domain/ids.ts";
import type { OpenTo } from "../domain/standing.ts";
import type { FoundStanding, StandingWithRoles } from "./facts-source.ts";
import { accountScope, groupScope, principalScope, roleScope } from "./scopes.ts";

/** `too_long`: known to be read anew for each question. */
export interface RememberedStanding {
  readonly standing: StandingWithRoles | "too_long";
  readonly scopes: readonly Scope[];
}

export interface RememberedObject {
  readonly openTo: OpenTo | "too_long";
  readonly scopes: readonly Scope[];
}

/** What it depends on that a principal may do what it may, apart from the catalogue and objects. */
export function scopesOf(ref: PrincipalRef, standing: Exclude<FoundStanding, "unknown">): readonly Scope[] {
  const own = [principalScope(ref), accountScope(ref.accountId)];
  if (standing === "too_long") return own;
  const { accountId, principalId } = ref;
  const groupIds = [...standing.holderIds].filter((holderId) => holderId !== principalId);
  return [
    ...own,
    ...groupIds.map((groupId) => groupScope(accountId, groupId)),
    ...standing.customRoleIds.map((roleId) => roleScope(accountId, roleId)),
  ];
}

/** Of an entry for nothing: key, scopes, ties. */
export const absentBytes = 600;

/** What objects, strings and ties take, by measurement of heaps full of them. */
export function bytesOfStanding(key: string, { standing, scopes }: RememberedStanding): number {
  return 950 + 2 * key.length + 180 * scopes.length + (standing === "too_long" ? 0 : standing.waysBytes);
}

export function bytesOfObject(key: string, { openTo }: RememberedObject): number {
  return 800 + 2 * key.length + 85 * (openTo === "too_long" ? 0 : openTo.size);
}
