import type { Account } from "./account.ts";
import type { AccountPolicy } from "./account-policy.ts";
import { findRole } from "./built-in-roles.ts";
import { isGrantable, isPermissionId } from "./catalog.ts";
import { developerRoleId } from "./holdings.ts";
import type { PrincipalRef } from "./ids.ts";
import type { Principal } from "./principal.ts";

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

/** What is known of a principal and one permission, apart from built-in roles. */
export interface HeldFacts {
  readonly permissionId: string;
  /** A backend registered it and did not retire it. */
  readonly registered: boolean;
  readonly direct: boolean;
  /** A custom role of the principal, or of a group that it is in, has it. */
  readonly byCustomRole: boolean;
}

/** What decides a question: no more of an account than that. */
export interface Facts {
  /** As PrincipalTx.holdAccount tells it. */
  readonly accountState: Account["state"];
  readonly principal: Principal;
  readonly serviceUserPolicy: AccountPolicy["serviceUserPolicy"];
  /** The values of the membership. May name roles of a newer release, which count for nothing here. */
  readonly boundRoleIds: readonly string[];
  /** Built-in roles that the principal, or a group that it is in, was assigned. */
  readonly assignedRoleIds: readonly string[];
  readonly permission: HeldFacts | undefined;
  /** Of the permission that the object's type asks for; undefined for a type that nobody registered. */
  readonly typePermission: HeldFacts | undefined;
  readonly access: "unknown_object" | "none" | "view" | "modify";
  /** The subject's account's. */
  readonly revision: number;
}

/** Of an unknown subject nothing is known but its account's revision. */
export type FactsOrUnknown = Facts | { readonly principal: undefined; readonly revision: number };

/** An answer, with why, and the version of the subject that it rests on (0 for an unknown one). */
export type Decision = {
  readonly subjectVersion: number;
} & (
  | {
      readonly allowed: true;
      readonly reason: "super_admin" | "role" | "service_user_policy" | "direct_permission" | "object_access";
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
 */
export function decide(facts: FactsOrUnknown | undefined, question: Question): Decision {
  if (facts?.principal === undefined || isGone(facts)) {
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
  const ways = needed.map((held) => wayOf(facts, held));
  if (ways.includes(undefined)) return { ...denied, reason: "not_granted" };
  if (object !== undefined && !isOpen(facts.access, object.action)) {
    return { ...denied, reason: "object_not_accessible" };
  }
  return { allowed: true, reason: ways[0] ?? "object_access", subjectVersion };
}

/** Everybody of a deleted account is deleted with it. */
function isGone({ principal, accountState }: Facts): boolean {
  return principal.state === "deleted" || accountState === "deleted";
}

/** Undefined if the object is of a type that nobody can modify. */
function neededPermissions(facts: Facts, { permission, object }: Question): HeldFacts[] | undefined {
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

function isKnown({ permissionId, registered }: HeldFacts): boolean {
  return isPermissionId(permissionId) || registered;
}

/** How the subject holds it in its own account, undefined if it doesn't. */
function wayOf(facts: Facts, held: HeldFacts) {
  const { permissionId } = held;
  if (isPermissionId(permissionId) && !isGrantable(permissionId)) return undefined;
  const { principal, serviceUserPolicy, boundRoleIds, assignedRoleIds } = facts;
  if (principal.kind === "service_user" && serviceUserPolicy === "developer") {
    return gives(developerRoleId, held) ? "service_user_policy" : undefined;
  }
  const byRole =
    held.byCustomRole || [...boundRoleIds, ...assignedRoleIds].some((roleId) => gives(roleId, held));
  if (byRole) return "role";
  return held.direct ? "direct_permission" : undefined;
}

/** Of a built-in role. Administrators hold what backends registered as well. */
function gives(roleId: string, { permissionId, registered }: HeldFacts): boolean {
  const role = findRole(roleId);
  if (role === undefined) return false;
  if (isPermissionId(permissionId)) return isGrantable(permissionId) && role.permissions.has(permissionId);
  return roleId === "administrator" && registered;
}
