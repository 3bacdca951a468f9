import type { Clock } from "./clock.ts";

/** Does the work with a signal that is aborted after so long, or as soon as the other one is. No timer is left. */
export async function within<T>(
  clock: Clock,
  timeoutMs: number,
  outer: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  outer.throwIfAborted();
  const controller = new AbortController();
  const onAbort = () => controller.abort(outer.reason);
  outer.addEventListener("abort", onAbort, { once: true });
  const cancel = clock.after(timeoutMs, () =>
    controller.abort(new Error("the authority did not answer in time")),
  );
  try {
    return await work(controller.signal);
  } finally {
    cancel();
    outer.removeEventListener("abort", onAbort);
  }
}
