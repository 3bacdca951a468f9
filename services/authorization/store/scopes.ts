import { createHash } from "node:crypto";
import { type Scope, scopeOf } from "@portcullis/coherence";
import { type AccountId, everyoneId, type PrincipalRef } from "../domain/ids.ts";
import type { ObjectKey } from "../domain/object-access.ts";

/** What changes in this service's log are about. */
export const scopeKinds = new Set(["account", "principal", "group", "role", "object", "catalog"]);

/** Its state and policy. */
export const accountScope = (accountId: AccountId) => scopeOf("account", accountId);
/** Its state, what it was given itself, and which groups it is in. */
export const principalScope = ({ accountId, principalId }: PrincipalRef) =>
  scopeOf("principal", accountId, principalId);
/** The roles of a group, Everyone too, and whether there is the group. */
export const groupScope = (accountId: AccountId, groupId: string) => scopeOf("group", accountId, groupId);
/** Of a custom role: its permissions, and whether there is the role. */
export const roleScope = (accountId: AccountId, roleId: string) => scopeOf("role", accountId, roleId);
/** Whether there is the object, and who it is open to. */
export const objectScope = ({ accountId, objectType, objectId }: ObjectKey) =>
  scopeOf("object", accountId, objectType, objectId.length <= idLengthMax ? objectId : digestOf(objectId));
/** What backends have registered. */
export const catalogScope = scopeOf("catalog", "all");

/** Of what holds roles: a principal or a group. */
export function holderScope(accountId: AccountId, holderId: string): Scope {
  return isGroupId(holderId) ? groupScope(accountId, holderId) : scopeOf("principal", accountId, holderId);
}

/** Of an id's form in a scope, which must not get long. */
const idLengthMax = 255;

function digestOf(id: string): string {
  return createHash("sha256").update(id).digest("base64url");
}

function isGroupId(holderId: string): boolean {
  return holderId === everyoneId || holderId.startsWith("grp_");
}
