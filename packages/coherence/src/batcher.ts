interface Waiting<Key, Value> {
  readonly key: Key;
  readonly signal: AbortSignal;
  readonly promise: PromiseWithResolvers<Value>;
}

/** Batches under way at once; more wait, so that a flood of questions takes a few connections only. */
const underWayMax = 4;

/**
 * Collects keys that are asked for in the same turn, or while all places are taken, and reads them together. A read
 * begins after the asking, never before: what it finds is not older than the question. `read` gives an entry for
 * each key; its signal ends when nobody waits for the batch any more.
 */
export function createBatcher<Key, Value>(
  read: (keys: readonly Key[], signal: AbortSignal) => Promise<ReadonlyMap<Key, Value>>,
  batchMax: number,
): (key: Key, signal: AbortSignal) => Promise<Value> {
  let queue: Waiting<Key, Value>[] = [];
  let underWay = 0;
  let isScheduled = false;

  const schedule = () => {
    if (isScheduled || queue.length === 0 || underWay >= underWayMax) return;
    isScheduled = true;
    queueMicrotask(() => {
      isScheduled = false;
      const batch = queue.slice(0, batchMax);
      queue = queue.slice(batchMax);
      if (batch.length > 0) void run(batch);
      schedule();
    });
  };

  const run = async (batch: readonly Waiting<Key, Value>[]) => {
    underWay++;
    const { signal, release } = whileWaited(batch);
    try {
      const found = await read([...new Set(batch.map(({ key }) => key))], signal);
      for (const { key, promise } of batch) {
        const value = found.get(key);
        if (value === undefined) promise.reject(new Error("a batch was read without one of its keys"));
        else promise.resolve(value);
      }
    } catch (error) {
      for (const { promise } of batch) promise.reject(error);
    } finally {
      release();
      underWay--;
      schedule();
    }
  };

  return async (key, signal) => {
    signal.throwIfAborted();
    const promise = Promise.withResolvers<Value>();
    const waiting = { key, signal, promise };
    const onAbort = () => promise.reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    queue.push(waiting);
    schedule();
    try {
      return await promise.promise;
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  };
}

/** A signal that ends once all of the batch's have. */
function whileWaited(batch: readonly { readonly signal: AbortSignal }[]): {
  readonly signal: AbortSignal;
  readonly release: () => void;
} {
  const controller = new AbortController();
  let left = batch.length;
  const onAbort = () => {
    left--;
    if (left === 0) controller.abort(batch.at(-1)?.signal.reason);
  };
  for (const { signal } of batch) {
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
  }
  return {
    signal: controller.signal,
    release: () => {
      for (const { signal } of batch) signal.removeEventListener("abort", onAbort);
    },
  };
}
