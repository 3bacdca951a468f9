import { type RunningServer, type ServerOptions, startServer } from "@portcullis/service";
import type { CredentialPeers } from "./peers/connect.ts";
import { createOwnerPolicy } from "./peers/owner-policy.ts";
import { createApiKeyAuthenticator } from "./rpc/api-key-authenticator.ts";
import type { CredentialDeps } from "./rpc/deps.ts";
import { routes, services } from "./rpc/routes.ts";

export type CredentialServerOptions = Omit<ServerOptions, "services" | "routes" | "security"> & {
  readonly peers: CredentialPeers;
  readonly deps: Omit<CredentialDeps, "owners" | "plans">;
};

/** Serves the credential service's RPCs, whose callers it proves by its own keys, until it is closed. */
export function startCredentialServer(options: CredentialServerOptions): Promise<RunningServer> {
  const { peers, ...rest } = options;
  const { security, plans } = peers;
  const deps = { ...options.deps, plans, owners: createOwnerPolicy(security.authorizer) };
  return startServer({
    ...rest,
    receipts: deps.receipts,
    security: { ...security, apiKeys: createApiKeyAuthenticator(deps) },
    services,
    routes: (router) => routes(router, deps),
  });
}
