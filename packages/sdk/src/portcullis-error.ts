import { type DescMessage, fromBinary, type MessageShape } from "@bufbuild/protobuf";
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { AnySchema, anyUnpack } from "@bufbuild/protobuf/wkt";
import { ConnectError } from "@connectrpc/connect";
import { type ServiceError, status } from "@grpc/grpc-js";
import {
  ErrorInfoSchema,
  ErrorReasonSchema,
} from "@portcullis/contracts/portcullis/common/v1/error_reason_pb.ts";

/** The names of gRPC's status codes, e.g. `UNAVAILABLE`. */
export type StatusName = keyof typeof status;

export interface PortcullisErrorOptions {
  /** E.g. `PERMISSION_DENIED`; from a list that only grows. */
  readonly reason?: string | undefined;
  readonly cause?: unknown;
}

/** A question that got no answer. That a credential is refused is an answer, and no error. */
export class PortcullisError extends Error {
  override readonly name = "PortcullisError";
  readonly code: StatusName;
  /** Why, for programs, if the service said it. */
  readonly reason: string | undefined;

  constructor(code: StatusName, message: string, options: PortcullisErrorOptions = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.code = code;
    this.reason = options.reason;
  }
}

/** The reason that a service gave for an error of this SDK or of a client, e.g. `ACCOUNT_NOT_FOUND`. */
export function reasonOf(error: unknown): string | undefined {
  if (error instanceof PortcullisError) return error.reason;
  if (!(error instanceof ConnectError)) return undefined;
  const info = error.findDetails(ErrorInfoSchema)[0];
  return info === undefined ? undefined : ErrorReasonSchema.value[info.reason]?.localName;
}

/** What grpc-js tells of a call that failed. */
export function fromServiceError(error: ServiceError): PortcullisError {
  const [packed] = error.metadata?.get("grpc-status-details-bin") ?? [];
  const info = packed instanceof Uint8Array ? detailOf(packed, ErrorInfoSchema) : undefined;
  const reason = info === undefined ? undefined : ErrorReasonSchema.value[info.reason]?.localName;
  const code = nameOf(error.code);
  return new PortcullisError(code, error.details === "" ? code : error.details, { reason, cause: error });
}

function nameOf(code: status): StatusName {
  const name = status[code];
  return name !== undefined && name in status ? (name as StatusName) : "UNKNOWN";
}

/** The first detail of that type in an encoded google.rpc.Status. */
function detailOf<Desc extends DescMessage>(packed: Uint8Array, desc: Desc): MessageShape<Desc> | undefined {
  const reader = new BinaryReader(packed);
  try {
    while (reader.pos < reader.len) {
      const [field, wireType] = reader.tag();
      if (field !== detailsField || wireType !== WireType.LengthDelimited) {
        reader.skip(wireType, field);
        continue;
      }
      const found = anyUnpack(fromBinary(AnySchema, reader.bytes()), desc);
      if (found !== undefined) return found;
    }
  } catch {
    // A detail that can't be read tells nothing; the status counts.
  }
  return undefined;
}

const detailsField = 3;
