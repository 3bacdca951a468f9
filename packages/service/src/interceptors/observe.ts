import { ConnectError, type ContextKey, createContextKey, type Interceptor } from "@connectrpc/connect";
import type { Logger } from "pino";
import { callKey } from "../call.ts";
import type { RpcMetrics } from "../metrics.ts";
import { requestIdHeader, streamWithRequestId, withRequestId } from "../request-id.ts";
import { peerAddressKey } from "../server/peer-address.ts";
import { callObserver, type ObservedCaller, requestIdOf } from "./observe-call.ts";

/** The id of the call: the caller's own, or a new one. */
export const requestIdKey: ContextKey<string> = createContextKey<string>("");

/** One log line and one measurement for each call, whatever becomes of it. Messages are never logged. */
export function observeInterceptor(log: Logger, metrics: RpcMetrics): Interceptor {
  const observe = callObserver(log, metrics);
  return (next) => async (request) => {
    const { contextValues, header } = request;
    const startedAt = performance.now();
    const requestId = requestIdOf(header.get(requestIdHeader) ?? "");
    contextValues.set(requestIdKey, requestId);
    const call = { method: `${request.service.typeName}/${request.method.name}`, startedAt, requestId };
    const caller: ObservedCaller = {
      get peerAddress() {
        return contextValues.get(peerAddressKey);
      },
      get admitted() {
        return contextValues.get(callKey);
      },
    };
    const finish = (error: unknown) => observe(call, caller, error);
    try {
      const response = await withRequestId(requestId, () => next(request));
      response.header.set(requestIdHeader, requestId);
      if (!response.stream) {
        finish(undefined);
        return response;
      }
      return { ...response, message: observed(streamWithRequestId(requestId, response.message), finish) };
    } catch (error) {
      finish(error);
      const wire = ConnectError.from(error);
      wire.metadata.set(requestIdHeader, requestId);
      throw wire;
    }
  };
}

async function* observed<T>(messages: AsyncIterable<T>, finish: (error: unknown) => void): AsyncIterable<T> {
  let failure: unknown;
  try {
    yield* messages;
  } catch (error) {
    failure = error;
    throw error;
  } finally {
    finish(failure);
  }
}
