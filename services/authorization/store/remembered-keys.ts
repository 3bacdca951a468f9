import type { ObjectQuestion } from "../domain/decide.ts";
import { isAccountId, type PrincipalRef } from "../domain/ids.ts";
import type { ObjectKey } from "../domain/object-access.ts";

// Ids have no slash, and so have types of objects: what does is about nothing that there could be.

export function principalKeyOf({ accountId, principalId }: PrincipalRef): string {
  return `${accountId}/${principalId}`;
}

export function principalOfKey(key: string): PrincipalRef {
  const [accountId = "", principalId = ""] = key.split("/");
  const ref: { accountId: string; principalId: string } = { accountId, principalId };
  return ref as PrincipalRef; // It was one when the key was made.
}

/** Undefined where there can be no object. */
export function objectKeyOf(accountId: string, { objectType, objectId }: ObjectQuestion): string | undefined {
  if (!isAccountId(accountId) || objectType.includes("/")) return undefined;
  return `${accountId}/${objectType}/${objectId}`;
}

export function objectOfKey(key: string): ObjectKey {
  const [accountId = "", objectType = "", ...rest] = key.split("/");
  const object: { accountId: string; objectType: string; objectId: string } = {
    accountId,
    objectType,
    objectId: rest.join("/"),
  };
  return object as ObjectKey; // Its account was an id when the key was made.
}
