import { AsyncLocalStorage } from "node:async_hooks";
import type { Interceptor } from "@connectrpc/connect";

/** The id of the call that the work at hand is done for. It is for logs: nothing may be decided by it. */
const served = new AsyncLocalStorage<string>();

export const requestIdHeader = "x-request-id";

/** Does work for the call with this id: calls of peers in it have the same. */
export function withRequestId<T>(requestId: string, work: () => T): T {
  return served.run(requestId, work);
}

/** As `withRequestId`, for what is done between the messages of a stream. */
export async function* streamWithRequestId<T>(
  requestId: string,
  messages: AsyncIterable<T>,
): AsyncGenerator<T> {
  const iterator = messages[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await served.run(requestId, () => iterator.next());
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    await iterator.return?.();
  }
}

/** Gives a call of a peer the id of the call that it is made for, so that one id leads through all logs. */
export const forwardRequestId: Interceptor = (next) => (request) => {
  const requestId = served.getStore();
  if (requestId !== undefined && !request.header.has(requestIdHeader)) {
    request.header.set(requestIdHeader, requestId);
  }
  return next(request);
};
