import { type RunningServer, type SecurityDeps, type ServerOptions, startServer } from "@portcullis/service";
import { createOwnerPolicy } from "./peers/owner-policy.ts";
import { createApiKeyAuthenticator } from "./rpc/api-key-authenticator.ts";
import type { CredentialDeps } from "./rpc/deps.ts";
import { routes, services } from "./rpc/routes.ts";

export type CredentialServerOptions = Omit<ServerOptions, "services" | "routes" | "security"> & {
  readonly security: Omit<SecurityDeps, "apiKeys">;
  readonly deps: Omit<CredentialDeps, "owners">;
};

/** Serves the credential service's RPCs, whose callers it proves by its own keys, until it is closed. */
export function startCredentialServer(options: CredentialServerOptions): Promise<RunningServer> {
  const { security, ...rest } = options;
  const deps = { ...options.deps, owners: createOwnerPolicy(security.authorizer) };
  return startServer({
    ...rest,
    receipts: deps.receipts,
    security: { ...security, apiKeys: createApiKeyAuthenticator(deps) },
    services,
    routes: (router) => routes(router, deps),
  });
}
