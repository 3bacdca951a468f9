import { dataPortOffset, serviceSpecs } from "./service-specs.ts";

/** Where a service listens, and how others reach it there. */
export interface Endpoint {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly url: string;
  /** Of its data plane, if it has one. */
  readonly dataPort?: number | undefined;
}

/** One after the other, from the base on. */
export function endpointsFrom(host: string, portBase: number): readonly Endpoint[] {
  return serviceSpecs.map(({ name, hasDataPlane }, offset) => {
    const port = portBase + offset;
    const dataPort = hasDataPlane ? port + dataPortOffset : undefined;
    return { name, host, port, url: `http://${reachable(host)}:${port}`, dataPort };
  });
}

/** An address that stands for all of the machine's is none to connect to. */
function reachable(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1";
  if (host === "::") return "[::1]";
  return host.includes(":") ? `[${host}]` : host;
}

export function endpointOf(endpoints: readonly Endpoint[], name: string): Endpoint {
  const endpoint = endpoints.find((candidate) => candidate.name === name);
  if (endpoint === undefined) throw new Error(`No service is called ${name}`);
  return endpoint;
}
