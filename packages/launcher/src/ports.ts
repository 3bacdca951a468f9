import { once } from "node:events";
import { createServer } from "node:net";
import type { Endpoint } from "./endpoints.ts";
import { codeOf, LauncherError } from "./launcher-error.ts";

/** Throws unless each of the ports can be listened on. Somebody may take one a moment later all the same. */
export async function requireFreePorts(endpoints: readonly Endpoint[]): Promise<void> {
  for (const endpoint of endpoints.flatMap(bothPorts)) {
    const server = createServer();
    try {
      server.listen({ host: endpoint.host, port: endpoint.port, exclusive: true });
      await once(server, "listening");
    } catch (error) {
      throw portError(endpoint, codeOf(error), error);
    }
    server.close();
    await once(server, "close");
  }
}

function bothPorts(endpoint: Endpoint): readonly Endpoint[] {
  const { name, dataPort } = endpoint;
  if (dataPort === undefined) return [endpoint];
  return [endpoint, { ...endpoint, name: `${name}'s data plane`, port: dataPort }];
}

/** What is told about a service that can't have its port. */
export function portError({ name, host, port }: Endpoint, code: string, cause?: unknown): LauncherError {
  switch (code) {
    case "EADDRINUSE":
      return new LauncherError(
        `Port ${port}, which ${name} needs, is used by another program. Stop that program, or choose other ports with --port-base.`,
        { cause },
      );
    case "EACCES":
      return new LauncherError(
        `Port ${port}, which ${name} needs, is not for you. Choose other ports with --port-base.`,
        {
          cause,
        },
      );
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return new LauncherError(
        `${host} is no address of this machine. Name one that is with --host, or leave it out.`,
        { cause },
      );
    default:
      return new LauncherError(
        `Port ${port}, which ${name} needs, can't be used (${code}). Choose other ports with --port-base.`,
        { cause },
      );
  }
}
