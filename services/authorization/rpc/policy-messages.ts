import type { MessageInitShape } from "@bufbuild/protobuf";
import {
  type AccountPolicySchema,
  NewObjectAccess,
  ServiceUserPolicy,
  type UpdateAccountPolicyRequest,
} from "@portcullis/contracts/portcullis/authorization/v1/policy_pb.ts";
import { parseUpdateMask } from "@portcullis/service";
import type { AccountPolicy } from "../domain/account-policy.ts";
import { etagOf } from "../domain/etag.ts";
import type { PolicyChanges } from "../domain/update-account-policy.ts";
import { invalid } from "./messages.ts";

const serviceUserPolicies = {
  developer: ServiceUserPolicy.DEVELOPER,
  scoped: ServiceUserPolicy.SCOPED,
} as const satisfies Record<AccountPolicy["serviceUserPolicy"], ServiceUserPolicy>;

const newObjectAccesses = {
  everyone: NewObjectAccess.EVERYONE,
  creator_only: NewObjectAccess.CREATOR_ONLY,
} as const satisfies Record<AccountPolicy["newObjectAccess"], NewObjectAccess>;

const serviceUserPolicyOf: ReadonlyMap<ServiceUserPolicy, AccountPolicy["serviceUserPolicy"]> = new Map([
  [ServiceUserPolicy.DEVELOPER, "developer"],
  [ServiceUserPolicy.SCOPED, "scoped"],
]);

const newObjectAccessOf: ReadonlyMap<NewObjectAccess, AccountPolicy["newObjectAccess"]> = new Map([
  [NewObjectAccess.EVERYONE, "everyone"],
  [NewObjectAccess.CREATOR_ONLY, "creator_only"],
]);

const updatable = [
  "service_user_policy",
  "default_permission_ids",
  "default_group_ids",
  "new_object_access",
] as const;

export function toPolicy(policy: AccountPolicy): MessageInitShape<typeof AccountPolicySchema> {
  return {
    accountId: policy.accountId,
    serviceUserPolicy: serviceUserPolicies[policy.serviceUserPolicy],
    defaultPermissionIds: [...policy.defaultPermissionIds],
    defaultGroupIds: [...policy.defaultGroupIds],
    newObjectAccess: newObjectAccesses[policy.newObjectAccess],
    etag: etagOf(policy),
  };
}

/** UPDATE_MASK_INVALID; VALIDATION_FAILED for an enum that is named but not set. */
export function parsePolicyChanges(request: UpdateAccountPolicyRequest): PolicyChanges {
  const fields = parseUpdateMask(request.updateMask, updatable);
  return {
    ...(fields.has("service_user_policy") ? { serviceUserPolicy: parseServiceUserPolicy(request) } : {}),
    ...(fields.has("default_permission_ids") ? { defaultPermissionIds: request.defaultPermissionIds } : {}),
    ...(fields.has("default_group_ids") ? { defaultGroupIds: request.defaultGroupIds } : {}),
    ...(fields.has("new_object_access") ? { newObjectAccess: parseNewObjectAccess(request) } : {}),
  };
}

function parseServiceUserPolicy(request: UpdateAccountPolicyRequest) {
  const found = serviceUserPolicyOf.get(request.serviceUserPolicy);
  if (found === undefined) throw invalid("service_user_policy", "must be DEVELOPER or SCOPED");
  return found;
}

function parseNewObjectAccess(request: UpdateAccountPolicyRequest) {
  const found = newObjectAccessOf.get(request.newObjectAccess);
  if (found === undefined) throw invalid("new_object_access", "must be EVERYONE or CREATOR_ONLY");
  return found;
}
