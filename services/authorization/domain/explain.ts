import { isGrantable, isPermissionId } from "./catalog.ts";
import { type Decision, decide, type Facts, type FactsQuestion, type NeededPermission } from "./decide.ts";
import type { SubjectStore } from "./decision-ports.ts";
import { effectivePermissions, type Holdings, type Source } from "./holdings.ts";
import { requireRevision } from "./revision.ts";

export type Obstacle =
  | "subject_unknown"
  | "account_suspended"
  | "subject_inactive"
  | "permission_unknown"
  | "operators_only"
  | "service_user_policy"
  | "not_granted"
  | "object_unknown"
  | "object_not_shared"
  | "view_only";

export type Remedy =
  | "restore_account"
  | "activate_subject"
  | "grant_permission"
  | "scope_service_users"
  | "share_to_view"
  | "share_to_modify"
  | "register";

/** Why a check is answered as it is. */
export interface Explanation {
  readonly decision: Decision;
  /** The ways in which the permission is held, or would be if the obstacle were away. */
  readonly sources: readonly Source[];
  /** By whose access the object is open to the subject. */
  readonly holderIds: readonly string[];
  readonly miss: Miss | undefined;
  /** The permission that the sources and the remedy are about. */
  readonly permissionId: string;
  readonly revision: number;
}

/** What is in the way, and the smallest thing that takes it away. */
interface Miss {
  readonly obstacle: Obstacle;
  readonly remedy: Remedy | undefined;
}

/** Explains what decide answers, from the same moment. REVISION_UNKNOWN. */
export async function explain(
  deps: { readonly subjects: SubjectStore },
  question: FactsQuestion,
  minRevision: number,
  signal: AbortSignal,
): Promise<Explanation> {
  const { facts, holdings, holderIds, revision } = await deps.subjects.explain(question, signal);
  requireRevision(revision, minRevision);
  const decision = decide(facts, question);
  if (facts === undefined || holdings === undefined || decision.reason === "subject_unknown") {
    const miss = { obstacle: "subject_unknown", remedy: undefined } as const;
    return { decision, sources: [], holderIds: [], miss, permissionId: "", revision };
  }
  const wanted = missingOf(facts, question, holdings);
  const permissionId = wanted?.permissionId ?? "";
  const explanation = { decision, holderIds, permissionId, revision };
  if (decision.allowed)
    return { ...explanation, sources: sourcesOf(holdings, permissionId), miss: undefined };
  const miss = missOf(facts, question, wanted, holdings);
  return { ...explanation, sources: sourcesOf(would(holdings, miss.obstacle), permissionId), miss };
}

/** The first needed permission that is not held; else the first needed. */
function missingOf(facts: Facts, question: FactsQuestion, holdings: Holdings): NeededPermission | undefined {
  const ofType = question.object?.action === "modify" ? [facts.typePermission] : [];
  const needed = [facts.permission, ...ofType].filter((held) => held !== undefined);
  const held = effectivePermissions(activated(holdings));
  return needed.find(({ permissionId }) => !held.has(permissionId)) ?? needed[0];
}

function missOf(
  facts: Facts,
  question: FactsQuestion,
  wanted: NeededPermission | undefined,
  holdings: Holdings,
): Miss {
  const { principal } = facts;
  const { object } = question;
  if (facts.accountState !== "active") return { obstacle: "account_suspended", remedy: "restore_account" };
  if (principal.state !== "active") return { obstacle: "subject_inactive", remedy: "activate_subject" };
  const isTypeUnknown = object?.action === "modify" && facts.typePermission === undefined;
  if (isTypeUnknown || (wanted !== undefined && !isPermissionId(wanted.permissionId) && !wanted.registered)) {
    return { obstacle: "permission_unknown", remedy: "register" };
  }
  if (wanted !== undefined && !sourcesOf(holdings, wanted.permissionId).length) {
    if (isPermissionId(wanted.permissionId) && !isGrantable(wanted.permissionId)) {
      return { obstacle: "operators_only", remedy: undefined };
    }
    return principal.kind === "service_user" && facts.serviceUserPolicy === "developer"
      ? { obstacle: "service_user_policy", remedy: "scope_service_users" }
      : { obstacle: "not_granted", remedy: "grant_permission" };
  }
  switch (facts.access) {
    case "unknown_object":
      return { obstacle: "object_unknown", remedy: "register" };
    case "none":
      return {
        obstacle: "object_not_shared",
        remedy: object?.action === "modify" ? "share_to_modify" : "share_to_view",
      };
    case "view":
    case "modify":
      return { obstacle: "view_only", remedy: "share_to_modify" };
  }
}

/** What would be held if the obstacle were away. */
function would(holdings: Holdings, obstacle: Obstacle): Holdings {
  if (obstacle === "account_suspended" || obstacle === "subject_inactive") return activated(holdings);
  if (obstacle === "service_user_policy") return { ...holdings, serviceUserPolicy: "scoped" };
  return holdings;
}

function activated(holdings: Holdings): Holdings {
  return { ...holdings, accountState: "active", principal: { ...holdings.principal, state: "active" } };
}

function sourcesOf(holdings: Holdings, permissionId: string): readonly Source[] {
  return effectivePermissions(holdings).get(permissionId) ?? [];
}
