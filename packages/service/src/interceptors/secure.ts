import type { Interceptor } from "@connectrpc/connect";
import type { Access } from "@portcullis/contracts/portcullis/common/v1/access_pb.ts";
import { accessOf } from "../access.ts";
import {
  type Admitted,
  admitDecided,
  admitUndecided,
  admitWorkload,
  bearerOf,
  isWorkloadToken,
} from "../admit.ts";
import { type Call, callKey, openCallKey } from "../call.ts";
import type { Caller, PrincipalCaller } from "../caller.ts";
import type { ApiKeyAuthenticator, Authorizer } from "../security.ts";
import { peerAddressKey } from "../server/peer-address.ts";
import { verifyWorkloadToken, type WorkloadKey } from "../workload-token.ts";

export interface SecurityDeps {
  /** This service's name: what workload tokens for it are made out to. */
  readonly serviceName: string;
  readonly workloadKey: WorkloadKey;
  readonly apiKeys: ApiKeyAuthenticator;
  readonly authorizer: Authorizer;
  /** A call ends after this long, in milliseconds, or by its own deadline if that is sooner. */
  readonly callTimeoutMs: number;
}

/**
 * Proves who is calling and enforces the method's `access` option, before anything else looks at the request.
 * Its answers depend on the caller, the method and the account named, on nothing else.
 */
export function securityInterceptor(deps: SecurityDeps): Interceptor {
  return (next) => async (request) => {
    const method = `${request.service.typeName}/${request.method.name}`;
    // Streams that both sides send on are meant to last; what is done within them has times of its own.
    const isLasting = request.method.methodKind === "bidi_streaming";
    const timeout = () => AbortSignal.timeout(deps.callTimeoutMs);
    const inTime = AbortSignal.any([request.signal, timeout()]);
    const signal = isLasting ? request.signal : inTime;
    const access = accessOf(request.method);
    const peerAddress = request.contextValues.get(peerAddressKey);
    const circumstances = {
      method,
      signal,
      peerAddress,
      userAgent: request.header.get("user-agent") ?? "",
    };
    if (access.anyone) {
      request.contextValues.set(openCallKey, circumstances);
      return next(request);
    }
    const named = request.stream ? "" : accountNamedBy(request.message);
    const prove = async (within: AbortSignal): Promise<Admitted> => {
      const caller = await authenticate(deps, request.header, peerAddress, within);
      return caller.kind === "workload"
        ? admitWorkload(access, caller, named)
        : await admitPrincipal(deps, access, caller, named, within);
    };
    const proveAgain = async () => void (await prove(AbortSignal.any([request.signal, timeout()])));
    const call: Call = { ...circumstances, ...(await prove(inTime)), proveAgain };
    request.contextValues.set(callKey, call);
    return next(request);
  };
}

async function authenticate(
  deps: SecurityDeps,
  header: Headers,
  peerAddress: string | undefined,
  signal: AbortSignal,
): Promise<Caller> {
  const bearer = bearerOf(header.get("authorization") ?? "");
  if (isWorkloadToken(bearer)) {
    const { name } = await verifyWorkloadToken(deps.workloadKey, deps.serviceName, bearer);
    return { kind: "workload", name };
  }
  return deps.apiKeys.authenticate(bearer, peerAddress, signal, header.get("user-agent") ?? "");
}

async function admitPrincipal(
  deps: SecurityDeps,
  access: Access,
  caller: PrincipalCaller,
  named: string,
  signal: AbortSignal,
): Promise<Admitted> {
  const accountId = named === "" ? caller.accountId : named;
  const undecided = admitUndecided(access, caller, accountId);
  if (undecided !== undefined) return undecided;
  const decision = await deps.authorizer.decide(caller, access.permission, accountId, signal);
  return admitDecided(access, caller, accountId, decision);
}

/** The account that a request names in its `account_id`. */
function accountNamedBy(message: object): string {
  return "accountId" in message && typeof message.accountId === "string" ? message.accountId : "";
}
