import type { MessageInitShape } from "@bufbuild/protobuf";
import {
  CheckReason,
  type ExplainResponseSchema,
  ObjectAction,
  Obstacle,
  PermissionSourceKind,
  type PermissionSourceSchema,
  Remedy,
  type ObjectQuestion as WireObjectQuestion,
} from "@portcullis/contracts/portcullis/authorization/v1/check_pb.ts";
import type { CacheAdviceSchema } from "@portcullis/contracts/portcullis/common/v1/watch_pb.ts";
import type { Decision, ObjectQuestion } from "../domain/decide.ts";
import type { Basis, Finding } from "../domain/decision-ports.ts";
import type { Obstacle as DomainObstacle, Remedy as DomainRemedy, Explanation } from "../domain/explain.ts";
import type { Source } from "../domain/holdings.ts";
import { invalid } from "./messages.ts";

/** On the wire. */
export const reasons = {
  super_admin: CheckReason.SUPER_ADMIN,
  role: CheckReason.ROLE,
  service_user_policy: CheckReason.SERVICE_USER_POLICY,
  direct_permission: CheckReason.DIRECT_PERMISSION,
  object_access: CheckReason.OBJECT_ACCESS,
  not_granted: CheckReason.NOT_GRANTED,
  subject_unknown: CheckReason.SUBJECT_UNKNOWN,
  account_suspended: CheckReason.ACCOUNT_SUSPENDED,
  subject_inactive: CheckReason.SUBJECT_INACTIVE,
  object_not_accessible: CheckReason.OBJECT_NOT_ACCESSIBLE,
} as const satisfies Record<Decision["reason"], CheckReason>;

const sourceKinds = {
  super_admin: PermissionSourceKind.SUPER_ADMIN,
  membership: PermissionSourceKind.MEMBERSHIP,
  direct: PermissionSourceKind.DIRECT,
  role: PermissionSourceKind.ROLE,
  group: PermissionSourceKind.GROUP,
  service_user_policy: PermissionSourceKind.SERVICE_USER_POLICY,
} as const satisfies Record<Source["from"], PermissionSourceKind>;

const obstacles = {
  subject_unknown: Obstacle.SUBJECT_UNKNOWN,
  account_suspended: Obstacle.ACCOUNT_SUSPENDED,
  subject_inactive: Obstacle.SUBJECT_INACTIVE,
  permission_unknown: Obstacle.PERMISSION_UNKNOWN,
  operators_only: Obstacle.OPERATORS_ONLY,
  service_user_policy: Obstacle.SERVICE_USER_POLICY,
  not_granted: Obstacle.NOT_GRANTED,
  object_unknown: Obstacle.OBJECT_UNKNOWN,
  object_not_shared: Obstacle.OBJECT_NOT_SHARED,
  view_only: Obstacle.VIEW_ONLY,
} as const satisfies Record<DomainObstacle, Obstacle>;

const remedies = {
  restore_account: Remedy.RESTORE_ACCOUNT,
  activate_subject: Remedy.ACTIVATE_SUBJECT,
  grant_permission: Remedy.GRANT_PERMISSION,
  scope_service_users: Remedy.SCOPE_SERVICE_USERS,
  share_to_view: Remedy.SHARE_TO_VIEW,
  share_to_modify: Remedy.SHARE_TO_MODIFY,
  register: Remedy.REGISTER,
} as const satisfies Record<DomainRemedy, Remedy>;

const actions: ReadonlyMap<ObjectAction, ObjectQuestion["action"]> = new Map([
  [ObjectAction.VIEW, "view"],
  [ObjectAction.MODIFY, "modify"],
]);

/** What CheckResponse and BatchCheckResult have in common. */
export function toDecision({ allowed, reason, subjectVersion }: Decision) {
  return { allowed, reason: reasons[reason], subjectVersion: BigInt(subjectVersion) };
}

/** What CheckResponse and BatchCheckResponse have in common. */
export function toBasis({ revision, staleMsMax }: Basis) {
  return { evaluatedRevision: BigInt(revision), stalenessMsMax: BigInt(staleMsMax) };
}

/** A decision that depends on more is asked for each time: what says so would be larger than all others together. */
const cacheScopesMax = 2_500;

/** What may be behind must not be remembered as if it were not. */
export function toCacheAdvice(
  { dependsOn }: Pick<Finding, "dependsOn">,
  { generation, staleMsMax }: Basis,
): { readonly cache?: MessageInitShape<typeof CacheAdviceSchema> } {
  const count = dependsOn.reduce((sum, scopes) => sum + scopes.length, 0);
  if (staleMsMax > 0 || count === 0 || count > cacheScopesMax) return {};
  return { cache: { scopes: [...new Set(dependsOn.flat())], generation } };
}

export function toSource(source: Source): MessageInitShape<typeof PermissionSourceSchema> {
  return {
    kind: sourceKinds[source.from],
    ...("roleId" in source ? { roleId: source.roleId } : {}),
    ...("groupId" in source ? { groupId: source.groupId } : {}),
  };
}

export function toExplanation(found: Explanation): MessageInitShape<typeof ExplainResponseSchema> {
  const { decision, sources, holderIds, miss, permissionId, revision } = found;
  return {
    allowed: decision.allowed,
    reason: reasons[decision.reason],
    sources: sources.map(toSource),
    objectHolderIds: [...holderIds],
    obstacle: miss === undefined ? Obstacle.UNSPECIFIED : obstacles[miss.obstacle],
    remedy: miss?.remedy === undefined ? Remedy.UNSPECIFIED : remedies[miss.remedy],
    permissionId,
    evaluatedRevision: BigInt(revision),
  };
}

/** VALIDATION_FAILED for an action that is not set, or a NUL, which no database takes. */
export function parseObjectQuestion(object: WireObjectQuestion | undefined): ObjectQuestion | undefined {
  if (object === undefined) return undefined;
  return { ...parseObjectRef(object), action: parseAction(object.action) };
}

/** VALIDATION_FAILED. */
export function parseAction(action: ObjectAction): ObjectQuestion["action"] {
  const parsed = actions.get(action);
  if (parsed === undefined) throw invalid("action", "must be VIEW or MODIFY");
  return parsed;
}

/** VALIDATION_FAILED for a NUL. */
export function parseObjectRef({
  objectType,
  objectId,
}: {
  readonly objectType: string;
  readonly objectId: string;
}) {
  if (`${objectType}${objectId}`.includes("\0")) throw invalid("object", "must not have a NUL");
  return { objectType, objectId };
}
