import { connectClients } from "../../e2e/support/connect-client.ts";
import { freePorts } from "../../e2e/support/free-port.ts";
import { type Installation, startInstallation } from "../../e2e/support/installation.ts";
import { ServiceProcess } from "../../e2e/support/service-process.ts";

/** What URIs in answers begin with: another origin than the one that is listened on, as behind a proxy. */
export const publicOrigin = "https://api.example.test";

/** An installation with a gateway in front of it. */
export interface Edge extends AsyncDisposable {
  readonly installation: Installation;
  readonly gateway: ServiceProcess;
  /** Clients of the services themselves, with the first key. */
  readonly direct: ReturnType<typeof connectClients>;
  /** Another gateway of the installation, which the test stops. */
  startGateway(environment: Readonly<Record<string, string>>): Promise<ServiceProcess>;
}

export async function startEdge(): Promise<Edge> {
  const installation = await startInstallation();
  const startGateway = async (environment: Readonly<Record<string, string>>) => {
    const [port = 0] = await freePorts(1);
    const gateway = new ServiceProcess("gateway", port, {
      WORKLOAD_KEY: installation.workloadKey,
      IDENTITY_URL: installation.identity.url,
      AUTHORIZATION_URL: installation.authorization.url,
      CREDENTIAL_URL: installation.credentials[0].url,
      REDIS_URL: installation.redis?.url ?? "redis://127.0.0.1:1",
      PUBLIC_ORIGIN: publicOrigin,
      ACCOUNT_REQUESTS_MAX: "100000",
      SOURCE_REQUESTS_MAX: "100000",
      SHUTDOWN_GRACE_MS: "5000",
      ...environment,
    });
    await gateway.start();
    return gateway;
  };
  const gateway = await startGateway({});
  return {
    installation,
    gateway,
    direct: connectClients(installation, installation.apiKey),
    startGateway,
    async [Symbol.asyncDispose]() {
      await gateway.stop();
      await installation[Symbol.asyncDispose]();
    },
  };
}
