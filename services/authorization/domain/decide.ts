import type { Account } from "./account.ts";
import type { AccountPolicy } from "./account-policy.ts";
import { isPermissionId } from "./catalog.ts";
import type { PrincipalRef } from "./ids.ts";
import type { Principal } from "./principal.ts";
import type { Way } from "./way.ts";

/** An object, and what is to be done with it. */
export interface ObjectQuestion {
  readonly objectType: string;
  readonly objectId: string;
  readonly action: "view" | "modify";
}

/** What may be asked of a subject: a permission, an object, or both; then both are needed. */
export interface Question {
  readonly permission: string | undefined;
  readonly object: ObjectQuestion | undefined;
  /** The account that it is asked about. */
  readonly accountId: string;
}

/** A question about somebody. */
export interface FactsQuestion extends Question {
  readonly subject: PrincipalRef;
}

/** A permission that an answer needs. */
export interface NeededPermission {
  readonly permissionId: string;
  /** A backend registered it and did not retire it. */
  readonly registered: boolean;
  /** How the subject holds it in its own account, if there is such a permission; undefined: it doesn't. */
  readonly way: Way | undefined;
}

/** What decides a question: no more of an account than that. */
export interface Facts {
  /** As PrincipalTx.holdAccount tells it. */
  readonly accountState: Account["state"];
  readonly principal: Principal;
  readonly serviceUserPolicy: AccountPolicy["serviceUserPolicy"];
  readonly permission: NeededPermission | undefined;
  /** The permission that the object's type asks for; undefined for a type that nobody registered. */
  readonly typePermission: NeededPermission | undefined;
  readonly access: ObjectAccessLevel;
}

/** How far an object is open to somebody. */
export type ObjectAccessLevel = "unknown_object" | "none" | "view" | "modify";

/** An answer, with why, and the version of the subject that it rests on (0 for an unknown one). */
export type Decision = {
  readonly subjectVersion: number;
} & (
  | {
      readonly allowed: true;
      readonly reason: Way | "super_admin" | "object_access";
    }
  | {
      readonly allowed: false;
      readonly reason:
        | "not_granted"
        | "subject_unknown"
        | "account_suspended"
        | "subject_inactive"
        | "object_not_accessible";
    }
);

/**
 * Whether the subject may. Nobody holds a permission that is not in the catalogue; super administrators hold
 * all others everywhere, and see and modify every object; all others hold what they were given in one way or
 * another, in their own account. What counts of accounts is the state of the subject's, not of the one asked about.
 * The facts are undefined for an unknown subject.
 */
export function decide(facts: Facts | undefined, question: Question): Decision {
  if (facts === undefined || isGone(facts)) {
    return { allowed: false, reason: "subject_unknown", subjectVersion: 0 };
  }
  const { principal } = facts;
  const subjectVersion = principal.version;
  const denied = { allowed: false, subjectVersion } as const;
  if (facts.accountState !== "active") return { ...denied, reason: "account_suspended" };
  if (principal.state !== "active") return { ...denied, reason: "subject_inactive" };

  const needed = neededPermissions(facts, question);
  if (needed === undefined || !needed.every(isKnown)) return { ...denied, reason: "not_granted" };
  const { object } = question;
  if (principal.superAdmin) {
    return object !== undefined && facts.access === "unknown_object"
      ? { ...denied, reason: "object_not_accessible" }
      : { allowed: true, reason: "super_admin", subjectVersion };
  }
  if (question.accountId !== principal.accountId) return { ...denied, reason: "not_granted" };
  if (needed.some(({ way }) => way === undefined)) return { ...denied, reason: "not_granted" };
  if (object !== undefined && !isOpen(facts.access, object.action)) {
    return { ...denied, reason: "object_not_accessible" };
  }
  return { allowed: true, reason: needed[0]?.way ?? "object_access", subjectVersion };
}

/** Everybody of a deleted account is deleted with it. */
function isGone({ principal, accountState }: Facts): boolean {
  return principal.state === "deleted" || accountState === "deleted";
}

/** Undefined if the object is of a type that nobody can modify. */
function neededPermissions(facts: Facts, { permission, object }: Question): NeededPermission[] | undefined {
  const asked = permission === undefined ? undefined : facts.permission;
  if (permission !== undefined && asked === undefined) return undefined;
  const first = asked === undefined ? [] : [asked];
  if (object?.action !== "modify") return first;
  return facts.typePermission === undefined ? undefined : [...first, facts.typePermission];
}

function isOpen(access: Facts["access"], action: ObjectQuestion["action"]): boolean {
  switch (action) {
    case "view":
      return access === "view" || access === "modify";
    case "modify":
      return access === "modify";
  }
}

function isKnown({ permissionId, registered }: NeededPermission): boolean {
  return isPermissionId(permissionId) || registered;
}
