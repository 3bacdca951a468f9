import { Code, type ConnectError } from "@connectrpc/connect";
import { setTrailerStatus } from "@connectrpc/connect/protocol-grpc";
import { Metadata, type StatusObject, status } from "@grpc/grpc-js";

const detailsKey = "grpc-status-details-bin";

const statusOfCode = {
  [Code.Canceled]: status.CANCELLED,
  [Code.Unknown]: status.UNKNOWN,
  [Code.InvalidArgument]: status.INVALID_ARGUMENT,
  [Code.DeadlineExceeded]: status.DEADLINE_EXCEEDED,
  [Code.NotFound]: status.NOT_FOUND,
  [Code.AlreadyExists]: status.ALREADY_EXISTS,
  [Code.PermissionDenied]: status.PERMISSION_DENIED,
  [Code.ResourceExhausted]: status.RESOURCE_EXHAUSTED,
  [Code.FailedPrecondition]: status.FAILED_PRECONDITION,
  [Code.Aborted]: status.ABORTED,
  [Code.OutOfRange]: status.OUT_OF_RANGE,
  [Code.Unimplemented]: status.UNIMPLEMENTED,
  [Code.Internal]: status.INTERNAL,
  [Code.Unavailable]: status.UNAVAILABLE,
  [Code.DataLoss]: status.DATA_LOSS,
  [Code.Unauthenticated]: status.UNAUTHENTICATED,
} as const satisfies Record<Code, status>;

/** An error as Connect's gRPC sends it: code, message, and the reason in the details. */
export function toStatus(error: ConnectError): StatusObject {
  const trailer = setTrailerStatus(new Headers(), error);
  const details = trailer.get(detailsKey);
  const metadata = new Metadata();
  if (details !== null) metadata.set(detailsKey, Buffer.from(details, "base64"));
  return { code: statusOfCode[error.code], details: error.rawMessage, metadata };
}
