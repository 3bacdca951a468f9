import type { Interceptor } from "@connectrpc/connect";
import { accessOf } from "../access.ts";
import { callKey, openCallKey } from "../call.ts";
import type { Gate } from "../gate.ts";
import { peerAddressKey } from "../server/peer-address.ts";
import { RpcCall } from "./rpc-call.ts";

/** Proves who is calling and enforces the method's `access` option, before anything else looks at the request. */
export function securityInterceptor(gate: Gate, callTimeoutMs: number): Interceptor {
  return (next) => async (request) => {
    const access = accessOf(request.method);
    const call = new RpcCall(request, request.contextValues.get(peerAddressKey), callTimeoutMs);
    if (access.anyone) {
      request.contextValues.set(openCallKey, call);
      return next(request);
    }
    const named = request.stream ? "" : accountNamedBy(request.message);
    const admitting = gate.admit(access, call.knock, named);
    const admitted = admitting instanceof Promise ? await admitting : admitting;
    call.admit(admitted, () => gate.admitAgain(admitted, access, call.knock, named));
    request.contextValues.set(callKey, call);
    return next(request);
  };
}

/** The account that a request names in its `account_id`. */
function accountNamedBy(message: object): string {
  return "accountId" in message && typeof message.accountId === "string" ? message.accountId : "";
}
