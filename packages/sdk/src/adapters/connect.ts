import { create } from "@bufbuild/protobuf";
import {
  Code,
  ConnectError,
  type ContextKey,
  createContextKey,
  type HandlerContext,
  type Interceptor,
} from "@connectrpc/connect";
import { ErrorInfoSchema, ErrorReason } from "@portcullis/contracts/portcullis/common/v1/error_reason_pb.ts";
import { type AdmissionOptions, admit, type Caller, type Rejection, requireComplete } from "./admission.ts";

export type { AdmissionOptions, Caller } from "./admission.ts";

type Request = Parameters<ReturnType<Interceptor>>[0];

export interface ConnectOptions extends AdmissionOptions {
  /** The address that the call came from, e.g. of a context value that your server sets. Default: unknown. */
  readonly sourceIp?: (request: Request) => string | undefined;
}

const callerKey: ContextKey<Caller | undefined> = createContextKey<Caller | undefined>(undefined);

/** An interceptor of a Connect server: `callerOf(context)` tells whose credential a call came with. */
export function requireCaller(options: ConnectOptions): Interceptor {
  requireComplete(options);
  return (next) => async (request) => {
    const authorization = request.header.get("authorization") ?? undefined;
    const admission = await admit(options, authorization, options.sourceIp?.(request));
    if (!admission.isAdmitted) throw errorOf(admission.rejection);
    request.contextValues.set(callerKey, admission.caller);
    return next(request);
  };
}

/** Throws where the interceptor did not run: a fault of the wiring. */
export function callerOf({ values }: Pick<HandlerContext, "values">): Caller {
  const caller = values.get(callerKey);
  if (caller === undefined) throw new Error("the handler was reached without requireCaller");
  return caller;
}

const codes = {
  401: Code.Unauthenticated,
  403: Code.PermissionDenied,
  429: Code.ResourceExhausted,
  503: Code.Unavailable,
} as const;

/** With the detail that the errors of Portcullis's own services carry. */
function errorOf({ status, reason, message }: Rejection): ConnectError {
  const info = create(ErrorInfoSchema, { reason: ErrorReason[reason], domain: "portcullis" });
  return new ConnectError(message, codes[status], undefined, [{ desc: ErrorInfoSchema, value: info }]);
}
