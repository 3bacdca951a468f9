import type { Client } from "@connectrpc/connect";
import { createPeerClient, parseWorkloadKey } from "@portcullis/service";
import type { Endpoint } from "./endpoints.ts";

type Service = Parameters<typeof createPeerClient>[0];

/** A client of a service as `operator`, which the contracts allow what a first start needs. */
export function operatorClient<T extends Service>(
  service: T,
  endpoint: Endpoint,
  workloadKey: string,
): Client<T> {
  return createPeerClient(service, {
    baseUrl: endpoint.url,
    peerName: endpoint.name,
    ownName: "operator",
    workloadKey: parseWorkloadKey(workloadKey),
    timeoutMs: 10_000,
  });
}
