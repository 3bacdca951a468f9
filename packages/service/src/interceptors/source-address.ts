import { isIP } from "node:net";
import type { Interceptor } from "@connectrpc/connect";
import { DomainError } from "@portcullis/errors";
import { RememberedWorkloads } from "../remembered-workloads.ts";
import { peerAddressKey } from "../server/peer-address.ts";
import type { WorkloadKey } from "../workload-token.ts";

/** Where the gateway's caller is, as the gateway saw it: an IP address. */
export const sourceHeader = "x-portcullis-source";
/** A workload token beside the caller's own credential: it proves who passes the call on, and gives no rights. */
export const passedOnByHeader = "x-portcullis-passed-on-by";

const gateway = "gateway";

export interface SourceAddressDeps {
  /** This service's name: what workload tokens for it are made out to. */
  readonly serviceName: string;
  readonly workloadKey: WorkloadKey;
}

/**
 * Takes a call to come from where the gateway says, if the gateway proves that it passes the call on. Whoever else
 * says so is not listened to: then it comes from the other end of the connection.
 */
export function sourceAddressInterceptor(deps: SourceAddressDeps): Interceptor {
  const isOfGateway = rememberingProofs(deps);
  return (next) => async (request) => {
    const source = request.header.get(sourceHeader) ?? "";
    const proof = request.header.get(passedOnByHeader) ?? "";
    if (isIP(source) !== 0 && !source.includes("%") && proof !== "" && (await isOfGateway(proof))) {
      request.contextValues.set(peerAddressKey, source);
    }
    return next(request);
  };
}

/** A token comes with each call of a minute, and is looked at once. */
function rememberingProofs({ serviceName, workloadKey }: SourceAddressDeps) {
  const workloads = new RememberedWorkloads(workloadKey, serviceName);
  return async (token: string): Promise<boolean> => {
    try {
      const { name } = workloads.recall(token) ?? (await workloads.verify(token));
      return name === gateway;
    } catch (error) {
      if (error instanceof DomainError) return false;
      throw error;
    }
  };
}
