/** What went wrong in the caller's terms; each kind is one gRPC status code (mapped in packages/service). */
export type ErrorKind =
  | "invalid"
  | "unauthenticated"
  | "denied"
  | "not_found"
  | "already_exists"
  | "precondition_failed"
  | "conflict"
  | "exhausted"
  | "unavailable"
  | "deadline_exceeded"
  | "cancelled"
  | "internal";

/**
 * Every reason and the kind it always has. The names are those of the proto enum
 * portcullis.common.v1.ErrorReason, where each is documented; a test holds the two equal.
 */
export const kindOfReason = {
  VALIDATION_FAILED: "invalid",
  UPDATE_MASK_INVALID: "invalid",
  PAGE_TOKEN_INVALID: "invalid",
  REQUEST_ID_REUSED: "invalid",
  ACL_RULE_INVALID: "invalid",
  ACL_NOT_SUPPORTED: "invalid",
  IP_RANGE_INVALID: "invalid",
  SSH_KEY_INVALID: "invalid",
  EXPIRY_IN_PAST: "invalid",
  CREDENTIALS_MISSING: "unauthenticated",
  CREDENTIALS_INVALID: "unauthenticated",
  CREDENTIALS_WRONG_KIND: "unauthenticated",
  CREDENTIALS_EXPIRED: "unauthenticated",
  CREDENTIALS_REVOKED: "unauthenticated",
  CREDENTIALS_OWNER_INACTIVE: "unauthenticated",
  CREDENTIALS_IP_NOT_ALLOWED: "unauthenticated",
  PERMISSION_DENIED: "denied",
  ACCOUNT_NOT_FOUND: "not_found",
  SERVICE_USER_NOT_FOUND: "not_found",
  CREDENTIAL_NOT_FOUND: "not_found",
  PRINCIPAL_NOT_FOUND: "not_found",
  ROLE_NOT_FOUND: "not_found",
  ROLE_BINDING_NOT_FOUND: "not_found",
  SERVICE_USER_NAME_TAKEN: "already_exists",
  SSH_KEY_TAKEN: "already_exists",
  SERVICE_USER_LOCKED: "precondition_failed",
  SERVICE_USER_ROLES_FIXED: "precondition_failed",
  CREDENTIAL_REVOKED: "precondition_failed",
  LAST_ADMINISTRATOR: "precondition_failed",
  ETAG_MISMATCH: "conflict",
  CONCURRENT_CHANGE: "conflict",
  TOO_MANY_ATTEMPTS: "exhausted",
  ENFORCEMENT_PENDING: "unavailable",
  DEPENDENCY_UNAVAILABLE: "unavailable",
  SHUTTING_DOWN: "unavailable",
  DEADLINE_EXCEEDED: "deadline_exceeded",
  CANCELLED: "cancelled",
  INTERNAL: "internal",
  ROLE_NAME_TAKEN: "already_exists",
  GROUP_NAME_TAKEN: "already_exists",
  GROUP_NOT_FOUND: "not_found",
  PERMISSION_NOT_FOUND: "not_found",
  PERMISSION_NOT_GRANTABLE: "precondition_failed",
  GRANT_ABOVE_OWN_LEVEL: "denied",
  ROLE_IN_USE: "precondition_failed",
  GROUP_IN_USE: "precondition_failed",
  ROLE_BUILT_IN: "precondition_failed",
  ROLE_NOT_ASSIGNABLE: "precondition_failed",
  EVERYONE_FIXED: "precondition_failed",
  NAMESPACE_RESERVED: "precondition_failed",
  CATALOG_VERSION_CONFLICT: "precondition_failed",
  REVISION_UNKNOWN: "precondition_failed",
  ADMINISTRATOR_REQUIRED: "denied",
  INVITE_NEEDS_DEVELOPER: "precondition_failed",
  OBJECT_NOT_FOUND: "not_found",
  OBJECT_TYPE_NOT_FOUND: "not_found",
  SESSION_NOT_FOUND: "not_found",
  USER_NOT_FOUND: "not_found",
  PASSWORD_WEAK: "invalid",
  PASSWORD_WRONG: "denied",
  LINK_INVALID: "precondition_failed",
  SIGN_IN_REFUSED: "unauthenticated",
  EMAIL_NOT_VERIFIED: "precondition_failed",
  SECOND_FACTOR_REQUIRED: "unauthenticated",
  SECOND_FACTOR_INVALID: "unauthenticated",
  SECOND_FACTOR_SET: "precondition_failed",
  SECOND_FACTOR_NOT_SET: "precondition_failed",
  NO_ACTIVE_MEMBERSHIP: "precondition_failed",
  SESSION_REQUIRED: "denied",
  OVERLOADED: "exhausted",
  USER_IS_SUPER_ADMIN: "precondition_failed",
  INVITATION_NOT_FOUND: "not_found",
  INVITATION_EMAIL_MISMATCH: "precondition_failed",
  ALREADY_MEMBER: "already_exists",
  SEAT_LIMIT_REACHED: "precondition_failed",
  EMAIL_TAKEN: "already_exists",
  LAST_SUPER_ADMIN: "precondition_failed",
  PLAN_NOT_FOUND: "not_found",
  FIRST_ACCOUNT: "precondition_failed",
  PLAN_LIMIT_REACHED: "precondition_failed",
  SECOND_FACTOR_ENROLMENT_REQUIRED: "precondition_failed",
  PLAN_FEATURE_MISSING: "precondition_failed",
  STREAM_TOO_SLOW: "exhausted",
  TOO_MANY_KEPT: "exhausted",
  ACCOUNT_SUSPENDED: "precondition_failed",
  CREDENTIALS_ACCOUNT_SUSPENDED: "unauthenticated",
  RATE_LIMITED: "exhausted",
} as const satisfies Record<string, ErrorKind>;

/** A stable, machine-readable reason: what clients may branch on. */
export type ErrorReason = keyof typeof kindOfReason;
