import {
  createWorkloadTokenSource,
  passedOnByHeader,
  requestIdHeader,
  sourceHeader,
  type WorkloadKey,
} from "@portcullis/service";
import type { Exchange } from "../edge/exchange.ts";
import type { ServiceUrls } from "./clients.ts";

/** For each service, a token that proves to it that a call is passed on by the gateway. */
export type Proofs = Readonly<Record<keyof ServiceUrls, () => Promise<string>>>;

export function createProofs(workloadKey: WorkloadKey): Proofs {
  const proofTo = (service: keyof ServiceUrls) => createWorkloadTokenSource(workloadKey, "gateway", service);
  return {
    identity: proofTo("identity"),
    authorization: proofTo("authorization"),
    credential: proofTo("credential"),
  };
}

/** What a service is to know of who asks: the operation, by what program, and from where. */
export type Origin = Pick<Exchange, "operationId" | "source" | "userAgent">;

/** Tells a service of it; where it comes from is believed only with the proof. */
export function originHeaders({ operationId, source, userAgent }: Origin) {
  return {
    [requestIdHeader]: operationId,
    ...(source === undefined ? {} : { [sourceHeader]: source }),
    ...(userAgent === undefined ? {} : { "user-agent": userAgent }),
  };
}

/** The proof, beside the caller's own credential. */
export async function proofHeaders(proof: () => Promise<string>) {
  return { [passedOnByHeader]: await proof() };
}
