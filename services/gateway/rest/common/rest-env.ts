import type { HttpRequest, HttpResponse } from "@portcullis/service";
import type { Exchange } from "../../edge/exchange.ts";

/** What an application of this server finds beside a request, as hono's environment. */
export interface RestEnv {
  readonly Bindings: {
    readonly incoming: HttpRequest;
    readonly outgoing: HttpResponse;
    readonly exchange: Exchange;
  };
}
