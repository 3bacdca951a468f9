import {
  type AdmissionOptions,
  admit,
  bodyOf,
  type Caller,
  headersOf,
  requireComplete,
} from "./admission.ts";

export type { AdmissionOptions, Caller } from "./admission.ts";

/** As much of Express's request as is needed. */
interface ExpressRequest {
  readonly headers: { readonly authorization?: string | undefined };
  readonly ip?: string | undefined;
}

/** As much of Express's response as is needed. */
interface ExpressResponse {
  status(code: number): unknown;
  setHeader(name: string, value: string): unknown;
  json(body: unknown): unknown;
}

const callers = new WeakMap<object, Caller>();

/** Middleware of Express: `callerOf(request)` tells whose credential a call came with. Trusts proxies as `app` does. */
export function requireCaller(options: AdmissionOptions) {
  requireComplete(options);
  return async (request: ExpressRequest, response: ExpressResponse, next: () => void): Promise<void> => {
    const admission = await admit(options, request.headers.authorization, request.ip);
    if (admission.isAdmitted) {
      callers.set(request, admission.caller);
      next();
      return;
    }
    const { rejection } = admission;
    for (const [name, value] of Object.entries(headersOf(rejection))) response.setHeader(name, value);
    response.status(rejection.status);
    response.json(bodyOf(rejection));
  };
}

/** Throws where the middleware did not run: a fault of the wiring. */
export function callerOf(request: object): Caller {
  const caller = callers.get(request);
  if (caller === undefined) throw new Error("the handler was reached without requireCaller");
  return caller;
}
