import { Code, ConnectError } from "@connectrpc/connect";
import { ErrorInfoSchema } from "@portcullis/contracts/portcullis/common/v1/error_reason_pb.ts";
import { DomainError, type ErrorReason } from "@portcullis/errors";
import { reasonOf, toWireError } from "@portcullis/service";
import { type Fault, RequestFault } from "../common/fault.ts";
import { type NgrokCode, NgrokError } from "./errors.ts";

/** What this API answers where something was thrown, by whomever. */
export function toNgrokError(error: unknown): NgrokError {
  if (error instanceof NgrokError) return error;
  if (error instanceof RequestFault) return new NgrokError(codeOfFault[error.fault], error.message);
  if (error instanceof DomainError) return fromWire(toWireError(error), error.reason);
  if (error instanceof ConnectError) return fromWire(error, reasonOf(error));
  return internal(error);
}

const codeOfFault = {
  authorization_missing: "ERR_NGROK_200",
  authorization_unreadable: "ERR_NGROK_201",
  query_unreadable: "ERR_NGROK_230",
  body_unexpected: "ERR_NGROK_211",
  body_type_missing: "ERR_NGROK_216",
  body_type_unsupported: "ERR_NGROK_210",
  body_unparsable: "ERR_NGROK_213",
  body_too_large: "ERR_PORTCULLIS_BODY_TOO_LARGE",
  body_too_slow: "ERR_PORTCULLIS_BODY_TOO_SLOW",
  body_cut_off: "ERR_NGROK_212",
} as const satisfies Record<Fault, NgrokCode>;

/** By the reason of the service; those that no operation of this API meets are told by their kind. */
const codeOfReason: Partial<Record<ErrorReason, NgrokCode>> = {
  VALIDATION_FAILED: "ERR_NGROK_215",
  ACL_RULE_INVALID: "ERR_NGROK_600",
  SSH_KEY_INVALID: "ERR_NGROK_612",
  CREDENTIALS_MISSING: "ERR_NGROK_200",
  CREDENTIALS_INVALID: "ERR_NGROK_203",
  CREDENTIALS_WRONG_KIND: "ERR_NGROK_206",
  CREDENTIALS_OWNER_INACTIVE: "ERR_NGROK_636",
  CREDENTIALS_IP_NOT_ALLOWED: "ERR_NGROK_220",
  PRINCIPAL_NOT_FOUND: "ERR_NGROK_634",
  SERVICE_USER_NAME_TAKEN: "ERR_NGROK_4112",
  SSH_KEY_TAKEN: "ERR_NGROK_609",
  SERVICE_USER_LOCKED: "ERR_PORTCULLIS_SERVICE_USER_LOCKED",
  PLAN_LIMIT_REACHED: "ERR_NGROK_4119",
  TOO_MANY_ATTEMPTS: "ERR_PORTCULLIS_TOO_MANY_ATTEMPTS",
};

const codeOfPermission: Readonly<Record<string, NgrokCode>> = {
  "identity.service_users.write": "ERR_NGROK_4111",
  "credential.credentials.write": "ERR_NGROK_1219",
  "credential.owners.assign": "ERR_NGROK_630",
};

const codeOfStatus: Partial<Record<Code, NgrokCode>> = {
  [Code.InvalidArgument]: "ERR_NGROK_215",
  [Code.Unauthenticated]: "ERR_PORTCULLIS_CREDENTIAL_REFUSED",
  [Code.PermissionDenied]: "ERR_PORTCULLIS_PERMISSION_DENIED",
  [Code.NotFound]: "ERR_PORTCULLIS_NOT_FOUND",
  [Code.AlreadyExists]: "ERR_PORTCULLIS_CONFLICT",
  [Code.FailedPrecondition]: "ERR_PORTCULLIS_CONFLICT",
  [Code.Aborted]: "ERR_PORTCULLIS_CONFLICT",
  [Code.ResourceExhausted]: "ERR_PORTCULLIS_TOO_MANY_ATTEMPTS",
  [Code.Unavailable]: "ERR_PORTCULLIS_UNAVAILABLE",
  [Code.DeadlineExceeded]: "ERR_PORTCULLIS_TIMEOUT",
};

function fromWire(error: ConnectError, reason: ErrorReason | undefined): NgrokError {
  const metadata = error.findDetails(ErrorInfoSchema)[0]?.metadata ?? {};
  const retryAfterMs = Number(metadata.retry_after_ms ?? Number.NaN);
  const options = { cause: error, ...(Number.isFinite(retryAfterMs) ? { retryAfterMs } : {}) };
  // Without a reason it was not a service that spoke: the connection broke, or a proxy in between did.
  if (reason === undefined) return withoutReason(error);
  const code = codeOf(error, reason, metadata);
  return code === undefined ? internal(error) : new NgrokError(code, error.rawMessage, options);
}

function codeOf(
  error: ConnectError,
  reason: ErrorReason,
  metadata: Readonly<Record<string, string>>,
): NgrokCode | undefined {
  if (reason === "PERMISSION_DENIED") {
    const known = codeOfPermission[metadata.permission ?? ""];
    if (known !== undefined) return known;
  }
  if (reason === "RATE_LIMITED") {
    return metadata.scope === "account_at_once" ? "ERR_NGROK_225" : "ERR_NGROK_226";
  }
  return codeOfReason[reason] ?? codeOfStatus[error.code];
}

function withoutReason(error: ConnectError): NgrokError {
  const { code } = error;
  if (code === Code.DeadlineExceeded) {
    const message = "The request took too long. Its outcome is unknown.";
    return new NgrokError("ERR_PORTCULLIS_TIMEOUT", message, { cause: error });
  }
  if (code !== Code.Unavailable && code !== Code.Aborted && code !== Code.Canceled) return internal(error);
  const message = "A service can't be reached right now. Try again.";
  return new NgrokError("ERR_PORTCULLIS_UNAVAILABLE", message, { cause: error, retryAfterMs: 1_000 });
}

function internal(cause: unknown): NgrokError {
  return new NgrokError("ERR_PORTCULLIS_INTERNAL", "Something went wrong on our side.", { cause });
}
