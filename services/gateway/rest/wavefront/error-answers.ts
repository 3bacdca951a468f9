import { Code, ConnectError } from "@connectrpc/connect";
import { ErrorInfoSchema } from "@portcullis/contracts/portcullis/common/v1/error_reason_pb.ts";
import { DomainError, type ErrorReason } from "@portcullis/errors";
import { reasonOf, toWireError } from "@portcullis/service";
import { type Fault, RequestFault } from "../common/fault.ts";
import { type ErrorStatus, WavefrontError } from "./errors.ts";

/** What this API answers where something was thrown, by whomever. */
export function toWavefrontError(error: unknown): WavefrontError {
  if (error instanceof WavefrontError) return error;
  if (error instanceof RequestFault) return new WavefrontError(statusOfFault[error.fault], error.message);
  if (error instanceof DomainError) return fromWire(toWireError(error), error.reason);
  if (error instanceof ConnectError) return fromWire(error, reasonOf(error));
  return internal(error);
}

const statusOfFault = {
  authorization_missing: 401,
  authorization_unreadable: 401,
  query_unreadable: 400,
  body_unexpected: 400,
  body_type_missing: 400,
  body_type_unsupported: 400,
  body_unparsable: 400,
  body_too_large: 413,
  body_too_slow: 408,
  body_cut_off: 400,
} as const satisfies Record<Fault, ErrorStatus>;

/** Where the kind of an error does not tell enough: what a body names and is not there is the body's fault. */
const statusOfReason: Partial<Record<ErrorReason, ErrorStatus>> = {
  EVERYONE_FIXED: 400,
  PERMISSION_NOT_FOUND: 400,
  PERMISSION_NOT_GRANTABLE: 400,
  ROLE_NOT_ASSIGNABLE: 400,
  PLAN_FEATURE_MISSING: 403,
  PLAN_LIMIT_REACHED: 403,
  SEAT_LIMIT_REACHED: 403,
};

const statusOfCode: Partial<Record<Code, ErrorStatus>> = {
  [Code.InvalidArgument]: 400,
  [Code.Unauthenticated]: 401,
  [Code.PermissionDenied]: 403,
  [Code.NotFound]: 404,
  [Code.AlreadyExists]: 409,
  [Code.FailedPrecondition]: 409,
  [Code.Aborted]: 409,
  [Code.ResourceExhausted]: 429,
  [Code.Unavailable]: 503,
  [Code.DeadlineExceeded]: 504,
};

function fromWire(error: ConnectError, reason: ErrorReason | undefined): WavefrontError {
  // Without a reason it was not a service that spoke: the connection broke, or a proxy in between did.
  if (reason === undefined) return withoutReason(error);
  const status = statusOfReason[reason] ?? statusOfCode[error.code];
  if (status === undefined) return internal(error);
  const retryAfterMs = Number(
    error.findDetails(ErrorInfoSchema)[0]?.metadata.retry_after_ms ?? (status === 503 ? 1_000 : Number.NaN),
  );
  return new WavefrontError(status, error.rawMessage, {
    cause: error,
    code: reason,
    ...(Number.isFinite(retryAfterMs) ? { retryAfterMs } : {}),
  });
}

function withoutReason(error: ConnectError): WavefrontError {
  const { code } = error;
  if (code === Code.DeadlineExceeded) {
    return new WavefrontError(504, "The request took too long. Its outcome is unknown.", { cause: error });
  }
  if (code !== Code.Unavailable && code !== Code.Aborted && code !== Code.Canceled) return internal(error);
  const message = "A service can't be reached right now. Try again.";
  return new WavefrontError(503, message, { cause: error, retryAfterMs: 1_000 });
}

function internal(cause: unknown): WavefrontError {
  return new WavefrontError(500, "Something went wrong on our side.", { cause, code: "INTERNAL" });
}
