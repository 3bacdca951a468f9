import { Code, ConnectError } from "@connectrpc/connect";
import {
  ErrorInfoSchema,
  ErrorReason,
  ErrorReasonSchema,
} from "@portcullis/contracts/portcullis/common/v1/error_reason_pb.ts";

/** The reason that a service gave, by its name without the prefix; empty where it gave none. */
export function reasonName(error: ConnectError): string {
  const reason = reasonNumber(error);
  if (reason === undefined) return "";
  return ErrorReasonSchema.values.find(({ number }) => number === reason)?.localName ?? `UNKNOWN_${reason}`;
}

/** The call never reached the service: there was nobody to connect to. */
export function wasNeverSent(error: unknown): boolean {
  const code = systemCodeOf(error);
  return code !== undefined && neverSent.has(code);
}

/** The change is made, and goes on being delivered to those who enforce it. */
export function isCommitted(error: unknown): boolean {
  return error instanceof ConnectError && reasonNumber(error) === ErrorReason.ENFORCEMENT_PENDING;
}

/** Whether the change was made can't be told from the error, or it is made and not everywhere enforced. */
export function isUnsettled(error: unknown): boolean {
  if (!(error instanceof ConnectError)) return false;
  if (error.code === Code.Unavailable || error.code === Code.DeadlineExceeded) return true;
  // A connection that broke under the call.
  return reasonNumber(error) === undefined && systemCodeOf(error) !== undefined;
}

/** The operating system's or TLS's word for what went wrong with the connection, e.g. `ECONNREFUSED`. */
export function systemCodeOf(error: unknown): string | undefined {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 8; cause = cause.cause, depth++) {
    if ("code" in cause && typeof cause.code === "string") return cause.code;
  }
  return undefined;
}

const neverSent = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EPROTO",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "CERT_HAS_EXPIRED",
  "ERR_TLS_CERT_ALTNAME_INVALID",
]);

function reasonNumber(error: ConnectError): number | undefined {
  return error.findDetails(ErrorInfoSchema)[0]?.reason;
}
