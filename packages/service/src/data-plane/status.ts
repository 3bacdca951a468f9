import type { ConnectError } from "@connectrpc/connect";
import { setTrailerStatus } from "@connectrpc/connect/protocol-grpc";
import { Metadata, type StatusObject } from "@grpc/grpc-js";

const detailsKey = "grpc-status-details-bin";

/** An error as Connect's gRPC sends it: code, message, and the reason in the details. */
export function toStatus(error: ConnectError): StatusObject {
  const trailer = setTrailerStatus(new Headers(), error);
  const details = trailer.get(detailsKey);
  const metadata = new Metadata();
  if (details !== null) metadata.set(detailsKey, Buffer.from(details, "base64"));
  // Connect's codes are gRPC's.
  return { code: error.code as number, details: error.rawMessage, metadata };
}
