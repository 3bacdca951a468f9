import { type AdmissionOptions, admit, bodyOf, headersOf, requireComplete } from "./admission.ts";

export type { AdmissionOptions, Caller } from "./admission.ts";

/** As much of hono's context as is needed. */
interface HonoContext {
  readonly req: { header(name: string): string | undefined };
  set(key: "caller", value: unknown): void;
}

export interface HonoOptions<Context> extends AdmissionOptions {
  /** The address that the call came from; of a proxy's header only what your proxy wrote. Default: unknown. */
  readonly sourceIp?: (context: Context) => string | undefined;
}

/** Middleware of hono: `c.get("caller")` tells whose credential a call came with. */
export function requireCaller<Context extends HonoContext>(options: HonoOptions<Context>) {
  requireComplete(options);
  return async (context: Context, next: () => Promise<void>): Promise<Response | undefined> => {
    const admission = await admit(options, context.req.header("authorization"), options.sourceIp?.(context));
    if (!admission.isAdmitted) {
      const { rejection } = admission;
      return Response.json(bodyOf(rejection), { status: rejection.status, headers: headersOf(rejection) });
    }
    context.set("caller", admission.caller);
    await next();
    return undefined;
  };
}
