import type { Interceptor } from "@connectrpc/connect";
import { DomainError } from "@portcullis/errors";

/** Why a stream ends when its replica does. */
export function shuttingDown(): DomainError {
  return new DomainError("SHUTTING_DOWN", "This replica is going down. Open the stream anew.");
}

/**
 * Streams that both sides send on would last for longer than a shutdown can wait: they end with SHUTTING_DOWN when
 * `stopping` does. Other calls are answered.
 */
export function stoppingInterceptor(stopping: AbortSignal): Interceptor {
  return (next) => async (request) => {
    const response = await next(request);
    if (!response.stream || request.method.methodKind !== "bidi_streaming") return response;
    return { ...response, message: until(stopping, response.message) };
  };
}

async function* until<T>(stopping: AbortSignal, messages: AsyncIterable<T>): AsyncGenerator<T> {
  const stopped = Promise.withResolvers<undefined>();
  const stop = () => stopped.resolve(undefined);
  stopping.addEventListener("abort", stop);
  const iterator = messages[Symbol.asyncIterator]();
  try {
    while (!stopping.aborted) {
      const result = await Promise.race([iterator.next(), stopped.promise]);
      if (result === undefined) break;
      if (result.done === true) return;
      yield result.value;
    }
    throw shuttingDown();
  } finally {
    stopping.removeEventListener("abort", stop);
    // Not waited for: it may be waiting itself, for a message that comes no more.
    void iterator.return?.()?.catch(() => {});
  }
}
