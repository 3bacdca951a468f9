import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { RoleBindingSchema } from "@portcullis/contracts/portcullis/authorization/v1/role_binding_pb.ts";
import { RoleAspect, type RoleSchema } from "@portcullis/contracts/portcullis/authorization/v1/role_pb.ts";
import {
  PrincipalKind,
  PrincipalState,
  type Principal as WirePrincipal,
} from "@portcullis/contracts/portcullis/common/v1/principal_pb.ts";
import { DomainError } from "@portcullis/errors";
import { parsePrincipalId, parsePrincipalRef } from "../domain/ids.ts";
import type { PrincipalFilter } from "../domain/list-role-bindings.ts";
import type { Page } from "../domain/page.ts";
import type { Principal } from "../domain/principal.ts";
import type { Role } from "../domain/role.ts";
import type { RoleBinding } from "../domain/role-binding.ts";

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

export const wireOfState = {
  active: PrincipalState.ACTIVE,
  inactive: PrincipalState.INACTIVE,
  locked: PrincipalState.LOCKED,
  deleted: PrincipalState.DELETED,
} as const satisfies Record<Principal["state"], PrincipalState>;

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
  if (ref === undefined) throw invalid("principal.account_id and principal_id", "must both be ids");
  if (kind === undefined) throw invalid("principal.kind", "must be a known kind");
  if (state === undefined) throw invalid("principal.state", "must be a known state");
  if (!Number.isSafeInteger(version) || version < 1)
    throw invalid("principal.version", "must be 1 or more, and exact as a double");
  return { ...ref, kind, state, version, superAdmin: wire?.superAdmin ?? false };
}

/** An empty etag means any. */
export function parseEtag(etag: string): string | undefined {
  return etag === "" ? undefined : etag;
}

/** Where a page begins and how long it is; 50 where the caller doesn't say. */
export function parsePage(request: { readonly pageSize: number; readonly pageToken: string }): Page {
  return { size: request.pageSize || 50, token: request.pageToken };
}

/** The rule at an update's field lets an unset name pass, which must not be taken for a new one. */
export function requireName(displayName: string): string {
  if (displayName === "") throw invalid("display_name", "must not be empty");
  return displayName;
}

export function invalid(field: string, rule: string): DomainError {
  return new DomainError("VALIDATION_FAILED", `${field} ${rule}`, { metadata: { [field]: rule } });
}
