import { type RunningServer, type ServerOptions, startServer } from "@portcullis/service";
import { startRelayLoop } from "./relay-loop.ts";
import type { IdentityDeps } from "./rpc/deps.ts";
import { routes, services } from "./rpc/routes.ts";

export type IdentityServerOptions = Omit<ServerOptions, "services" | "routes"> & {
  readonly deps: IdentityDeps;
};

/** Serves identity's RPCs and relays what enforcers owe, until it is closed. */
export async function startIdentityServer({
  deps,
  ...options
}: IdentityServerOptions): Promise<RunningServer> {
  const server = await startServer({ ...options, services, routes: (router) => routes(router, deps) });
  const relay = startRelayLoop(deps, (error, debt) => {
    options.log.warn({ err: error, ...debt }, "an enforcer could not be told; it will be tried again");
  });
  return {
    port: server.port,
    async close(graceMs) {
      await server.close(graceMs);
      await relay.stop();
    },
  };
}
