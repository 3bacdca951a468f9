import type { Account } from "./account.ts";
import type { AccountPolicy } from "./account-policy.ts";
import { builtInObjectTypes } from "./catalog.ts";
import type { Facts, NeededPermission, ObjectAccessLevel, Question } from "./decide.ts";
import type { Principal } from "./principal.ts";
import { type Ways, wayAmong } from "./way.ts";

/** All that decides what a principal may do, whatever is asked, but for what backends registered and for objects. */
export interface Standing {
  readonly accountState: Account["state"];
  readonly principal: Principal;
  readonly serviceUserPolicy: AccountPolicy["serviceUserPolicy"];
  readonly ways: Ways;
  /** Itself, Everyone, and the groups that it is in: what it reaches objects by. */
  readonly holderIds: ReadonlySet<string>;
}

/** What backends have registered and not retired. */
export interface RegisteredCatalog {
  readonly permissionIds: ReadonlySet<string>;
  /** Of types of objects: what it takes to modify one. */
  readonly modifyPermissionIds: ReadonlyMap<string, string>;
}

/** Who an object is open to, and whether they may modify it. */
export type OpenTo = ReadonlyMap<string, boolean>;

/** What decides the question; `openTo` is undefined where there is no object, or none is asked about. */
export function factsOf(
  standing: Standing,
  catalog: RegisteredCatalog,
  openTo: OpenTo | undefined,
  { permission, object }: Question,
): Facts {
  const { accountState, principal, serviceUserPolicy, ways } = standing;
  const needed = (permissionId: string | undefined): NeededPermission | undefined => {
    if (permissionId === undefined) return undefined;
    const registered = catalog.permissionIds.has(permissionId);
    return { permissionId, registered, way: wayAmong(ways, permissionId) };
  };
  return {
    accountState,
    principal,
    serviceUserPolicy,
    permission: needed(permission),
    typePermission: needed(object && modifyPermissionOf(catalog, object.objectType)),
    access: openTo === undefined ? "unknown_object" : accessOf(standing.holderIds, openTo),
  };
}

function modifyPermissionOf(catalog: RegisteredCatalog, objectType: string): string | undefined {
  return builtInObjectTypes.get(objectType) ?? catalog.modifyPermissionIds.get(objectType);
}

function accessOf(holderIds: ReadonlySet<string>, openTo: OpenTo): ObjectAccessLevel {
  let level: ObjectAccessLevel = "none";
  // Objects are open to few, and principals are in many groups, or the other way round.
  for (const holderId of openTo.size < holderIds.size ? openTo.keys() : holderIds) {
    const canModify = holderIds.has(holderId) ? openTo.get(holderId) : undefined;
    if (canModify === true) return "modify";
    if (canModify === false) level = "view";
  }
  return level;
}
