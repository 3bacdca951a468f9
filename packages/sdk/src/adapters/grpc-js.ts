import {
  type Metadata,
  ServerInterceptingCall,
  type ServerInterceptor,
  ServerListenerBuilder,
  status,
} from "@grpc/grpc-js";
import { type AdmissionOptions, admit, type Caller, requireComplete } from "./admission.ts";

export type { AdmissionOptions, Caller } from "./admission.ts";

const callers = new WeakMap<Metadata, Caller>();

/** An interceptor of a grpc-js server: `callerOf(call)` tells whose credential a call came with. */
export function requireCaller(options: AdmissionOptions): ServerInterceptor {
  requireComplete(options);
  return (_method, call) =>
    new ServerInterceptingCall(call, {
      start(next) {
        const onMetadata = async (metadata: Metadata, pass: (metadata: Metadata) => void) => {
          const admission = await admit(options, authorizationOf(metadata), addressOf(call.getPeer()));
          if (admission.isAdmitted) {
            callers.set(metadata, admission.caller);
            pass(metadata);
            return;
          }
          const { status: code, message } = admission.rejection;
          call.sendStatus({ code: codes[code], details: message });
        };
        next(
          new ServerListenerBuilder()
            .withOnReceiveMetadata((metadata, pass) => void onMetadata(metadata, pass))
            .build(),
        );
      },
    });
}

/** Throws where the interceptor did not run: a fault of the wiring. */
export function callerOf({ metadata }: { readonly metadata: Metadata }): Caller {
  const caller = callers.get(metadata);
  if (caller === undefined) throw new Error("the handler was reached without requireCaller");
  return caller;
}

const codes = {
  401: status.UNAUTHENTICATED,
  403: status.PERMISSION_DENIED,
  429: status.RESOURCE_EXHAUSTED,
  503: status.UNAVAILABLE,
} as const;

function authorizationOf(metadata: Metadata): string | undefined {
  const values = metadata.get("authorization");
  const [first] = values;
  return values.length === 1 && typeof first === "string" ? first : undefined;
}

/** Of `127.0.0.1:50000` and `[::1]:50000`; a socket without addresses has none. */
function addressOf(peer: string): string | undefined {
  return /^\[?([0-9a-f.:]+?)\]?:\d+$/i.exec(peer)?.[1];
}
