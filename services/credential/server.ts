import { type RunningServer, type ServerOptions, startServer } from "@portcullis/service";
import { startDataPlane } from "@portcullis/service/data-plane";
import type { CredentialPeers } from "./peers/connect.ts";
import { createOwnerPolicy } from "./peers/owner-policy.ts";
import { createApiKeyAuthenticator } from "./rpc/api-key-authenticator.ts";
import { dataMethods } from "./rpc/data-plane/methods.ts";
import type { CredentialDeps } from "./rpc/deps.ts";
import { routes, services } from "./rpc/routes.ts";

export type CredentialServerOptions = Omit<
  ServerOptions,
  "services" | "routes" | "dataMethods" | "security"
> & {
  /** Of the data plane; 0 takes a free one. Undefined: there is none. */
  readonly dataPort?: number | undefined;
  readonly peers: CredentialPeers;
  readonly deps: Omit<CredentialDeps, "owners" | "plans">;
};

export interface RunningCredentialServer extends RunningServer {
  /** The data plane's, if there is one. */
  readonly dataPort: number | undefined;
}

/** Serves the credential service's RPCs, whose callers it proves by its own keys, until it is closed. */
export async function startCredentialServer(
  options: CredentialServerOptions,
): Promise<RunningCredentialServer> {
  const { peers, dataPort, ...rest } = options;
  const { security, plans } = peers;
  const deps = { ...options.deps, plans, owners: createOwnerPolicy(security.authorizer) };
  const apiKeys = createApiKeyAuthenticator(deps);
  const methods = dataMethods(deps);
  const control = await startServer({
    ...rest,
    dataMethods: methods,
    receipts: deps.receipts,
    security: { ...security, apiKeys },
    services,
    routes: (router) => routes(router, deps),
  });
  if (dataPort === undefined) return { ...control, dataPort };
  const data = await startDataPlane({
    ...rest,
    port: dataPort,
    methods,
    security: { ...security, apiKeys },
  }).catch(async (error: unknown) => {
    await control.close(0);
    throw error;
  });
  return {
    port: control.port,
    dataPort: data.port,
    close: async (graceMs) => void (await Promise.all([control.close(graceMs), data.close(graceMs)])),
  };
}
