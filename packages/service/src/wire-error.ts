import { create } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import {
  ErrorInfoSchema,
  ErrorReasonSchema,
  ErrorReason as WireReason,
} from "@portcullis/contracts/portcullis/common/v1/error_reason_pb.ts";
import { type DomainError, type ErrorKind, type ErrorReason, kindOfReason } from "@portcullis/errors";

const codeOfKind = {
  invalid: Code.InvalidArgument,
  unauthenticated: Code.Unauthenticated,
  denied: Code.PermissionDenied,
  not_found: Code.NotFound,
  already_exists: Code.AlreadyExists,
  precondition_failed: Code.FailedPrecondition,
  conflict: Code.Aborted,
  exhausted: Code.ResourceExhausted,
  unavailable: Code.Unavailable,
  deadline_exceeded: Code.DeadlineExceeded,
  cancelled: Code.Canceled,
  internal: Code.Internal,
} as const satisfies Record<ErrorKind, Code>;

/** An error as the caller may see it: code, public message, reason. The private cause stays behind. */
export function toWireError(error: DomainError): ConnectError {
  const info = create(ErrorInfoSchema, {
    reason: WireReason[error.reason],
    domain: "portcullis",
    metadata: { ...error.metadata },
  });
  return new ConnectError(error.message, codeOfKind[error.kind], undefined, [
    { desc: ErrorInfoSchema, value: info },
  ]);
}

/** The reason that a peer gave for an error, if it gave one that we know. */
export function reasonOf(error: unknown): ErrorReason | undefined {
  if (!(error instanceof ConnectError)) return undefined;
  const info = error.findDetails(ErrorInfoSchema)[0];
  return info === undefined ? undefined : reasonNamed(info.reason);
}

/** A reason of the wire, if it is one that we know. */
export function reasonNamed(reason: WireReason): ErrorReason | undefined {
  const name = ErrorReasonSchema.value[reason]?.localName;
  return name !== undefined && isReason(name) ? name : undefined;
}

function isReason(name: string): name is ErrorReason {
  return Object.hasOwn(kindOfReason, name);
}
