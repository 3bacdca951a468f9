import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import {
  CheckReason,
  type CheckResponseSchema,
} from "@portcullis/contracts/portcullis/authorization/v1/check_pb.ts";
import type { RoleBindingSchema } from "@portcullis/contracts/portcullis/authorization/v1/role_binding_pb.ts";
import { RoleAspect, type RoleSchema } from "@portcullis/contracts/portcullis/authorization/v1/role_pb.ts";
import {
  PrincipalKind,
  PrincipalState,
  type Principal as WirePrincipal,
} from "@portcullis/contracts/portcullis/common/v1/principal_pb.ts";
import { DomainError } from "@portcullis/errors";
import type { Decision } from "../domain/decide.ts";
import { parsePrincipalId, parsePrincipalRef } from "../domain/ids.ts";
import type { PrincipalFilter } from "../domain/list-role-bindings.ts";
import type { Principal } from "../domain/principal.ts";
import type { Role } from "../domain/role.ts";
import type { RoleBinding } from "../domain/role-binding.ts";

const reasons = {
  super_admin: CheckReason.SUPER_ADMIN,
  role: CheckReason.ROLE,
  service_user_policy: CheckReason.SERVICE_USER_POLICY,
  not_granted: CheckReason.NOT_GRANTED,
  subject_unknown: CheckReason.SUBJECT_UNKNOWN,
  subject_inactive: CheckReason.SUBJECT_INACTIVE,
} as const satisfies Record<Decision["reason"], CheckReason>;

const aspects = {
  developer: RoleAspect.DEVELOPER,
  team: RoleAspect.TEAM,
  billing: RoleAspect.BILLING,
  administrator: RoleAspect.ADMINISTRATOR,
} as const satisfies Record<Role["aspect"], RoleAspect>;

const kinds: ReadonlyMap<PrincipalKind, Principal["kind"]> = new Map([
  [PrincipalKind.USER, "user"],
  [PrincipalKind.SERVICE_USER, "service_user"],
]);

const states: ReadonlyMap<PrincipalState, Principal["state"]> = new Map([
  [PrincipalState.ACTIVE, "active"],
  [PrincipalState.INACTIVE, "inactive"],
  [PrincipalState.LOCKED, "locked"],
  [PrincipalState.DELETED, "deleted"],
]);

export function toCheckResponse({
  allowed,
  reason,
  subjectVersion,
}: Decision): MessageInitShape<typeof CheckResponseSchema> {
  return { allowed, reason: reasons[reason], subjectVersion: BigInt(subjectVersion) };
}

export function toRole({
  roleId,
  displayName,
  aspect,
  permissions,
}: Role): MessageInitShape<typeof RoleSchema> {
  return { roleId, displayName, aspect: aspects[aspect], permissionIds: [...permissions].toSorted() };
}

export function toRoleBinding({
  accountId,
  principalId,
  roleId,
  createdAt,
}: RoleBinding): MessageInitShape<typeof RoleBindingSchema> {
  return { accountId, principalId, roleId, createTime: timestampFromDate(createdAt) };
}

/** An empty id means all. */
export function parsePrincipalFilter(text: string): PrincipalFilter {
  if (text === "") return { of: "all" };
  const principalId = parsePrincipalId(text);
  return principalId === undefined ? { of: "nobody" } : { of: "principal", principalId };
}

/** VALIDATION_FAILED for a principal that is not whole: half a state must not be enforced. */
export function parsePrincipal(wire: WirePrincipal | undefined): Principal {
  const ref = parsePrincipalRef(wire?.accountId ?? "", wire?.principalId ?? "");
  const kind = kinds.get(wire?.kind ?? PrincipalKind.UNSPECIFIED);
  const state = states.get(wire?.state ?? PrincipalState.UNSPECIFIED);
  const version = Number(wire?.version ?? 0n);
  if (ref === undefined) throw invalid("account_id and principal_id", "must both be ids");
  if (kind === undefined) throw invalid("kind", "must be a known kind");
  if (state === undefined) throw invalid("state", "must be a known state");
  if (!Number.isSafeInteger(version) || version < 1)
    throw invalid("version", "must be 1 or more, and exact as a double");
  return { ...ref, kind, state, version, superAdmin: wire?.superAdmin ?? false };
}

function invalid(field: string, rule: string): DomainError {
  return new DomainError("VALIDATION_FAILED", `principal.${field} ${rule}`, {
    metadata: { [`principal.${field}`]: rule },
  });
}
