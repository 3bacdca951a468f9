import { type RunningServer, type ServerOptions, startServer } from "@portcullis/service";
import type { IdentityDeps } from "./rpc/deps.ts";
import { routes, services } from "./rpc/routes.ts";

export type IdentityServerOptions = Omit<ServerOptions, "services" | "routes"> & {
  readonly deps: IdentityDeps;
};

/** Serves identity's RPCs until it is closed. */
export function startIdentityServer({ deps, ...options }: IdentityServerOptions): Promise<RunningServer> {
  return startServer({
    ...options,
    services,
    receipts: deps.receipts,
    routes: (router) => routes(router, deps),
  });
}
