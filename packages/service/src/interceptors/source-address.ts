import { isIP } from "node:net";
import type { Interceptor } from "@connectrpc/connect";
import { DomainError } from "@portcullis/errors";
import { decodeJwt } from "jose";
import { peerAddressKey } from "../server/peer-address.ts";
import { verifyWorkloadToken, type WorkloadKey } from "../workload-token.ts";

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
  const goodUntilMs = new Map<string, number>();
  return async (token: string): Promise<boolean> => {
    if (Date.now() < (goodUntilMs.get(token) ?? 0)) return true;
    if (!(await isGatewaysToken(workloadKey, serviceName, token))) return false;
    for (const [other, untilMs] of goodUntilMs) if (untilMs <= Date.now()) goodUntilMs.delete(other);
    goodUntilMs.set(token, (decodeJwt(token).exp ?? 0) * 1_000);
    return true;
  };
}

async function isGatewaysToken(key: WorkloadKey, audience: string, token: string): Promise<boolean> {
  try {
    return (await verifyWorkloadToken(key, audience, token)) === gateway;
  } catch (error) {
    if (error instanceof DomainError) return false;
    throw error;
  }
}
