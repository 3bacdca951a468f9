import { randomUUID } from "node:crypto";
import { Code, ConnectError, type ContextKey, createContextKey, type Interceptor } from "@connectrpc/connect";
import type { Logger } from "pino";
import { callKey } from "../call.ts";
import type { RpcMetrics } from "../metrics.ts";
import { requestIdHeader, streamWithRequestId, withRequestId } from "../request-id.ts";
import { callerName } from "../security.ts";
import { peerAddressKey } from "../server/peer-address.ts";
import { reasonOf } from "../wire-error.ts";

/** The id of the call: the caller's own, or a new one. */
export const requestIdKey: ContextKey<string> = createContextKey<string>("");

const requestIdPattern = /^[\w.-]{1,64}$/;

/** One log line and one measurement for each call, whatever becomes of it. Messages are never logged. */
export function observeInterceptor(log: Logger, metrics: RpcMetrics): Interceptor {
  return (next) => async (request) => {
    const startedAt = performance.now();
    const method = `${request.service.typeName}/${request.method.name}`;
    const requestId = requestIdOf(request.header);
    request.contextValues.set(requestIdKey, requestId);
    const finish = (error: unknown) => {
      const seconds = (performance.now() - startedAt) / 1000;
      const code = error === undefined ? "ok" : Code[ConnectError.from(error).code];
      metrics.observe(method, code, seconds);
      if (!log.isLevelEnabled("info")) return;
      const call = request.contextValues.get(callKey);
      log.info(
        {
          method,
          code,
          ...(error === undefined ? {} : { reason: reasonOf(error) }),
          ms: Math.round(seconds * 100_000) / 100,
          ...(call === undefined ? {} : { caller: callerName(call.caller), account: call.accountId }),
          peer: request.contextValues.get(peerAddressKey),
          requestId,
        },
        "call",
      );
    };
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

/** The caller's own id for the call, if it is harmless to log; else a new one. */
function requestIdOf(header: Headers): string {
  const given = header.get(requestIdHeader);
  return given !== null && requestIdPattern.test(given) ? given : randomUUID();
}
