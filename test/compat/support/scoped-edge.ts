import { ServiceUserPolicy } from "@portcullis/contracts/portcullis/authorization/v1/policy_pb.ts";
import { type Edge, startEdge } from "./edge.ts";
import { WavefrontClient } from "./wavefront-client.ts";

/** An installation whose first account treats service users as Wavefront does, and its super administrator. */
export async function startScopedEdge(): Promise<{ readonly edge: Edge; readonly rest: WavefrontClient }> {
  const edge = await startEdge();
  await edge.direct.policies.updateAccountPolicy({
    serviceUserPolicy: ServiceUserPolicy.SCOPED,
    updateMask: { paths: ["service_user_policy"] },
  });
  return { edge, rest: await WavefrontClient.create(edge.gateway.url, edge.installation.apiKey) };
}

export const uuidV4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
