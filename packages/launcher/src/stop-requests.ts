/** Being asked to stop: once in order, a second time at once. */
export interface StopRequests {
  readonly stop: AbortSignal;
  readonly hurry: AbortSignal;
}

/** Thrown instead of going on when the user wants to stop. */
export class StopRequested extends Error {}

/** One Ctrl-C can arrive twice: from the terminal, and passed on by npm. */
const samePressMs = 500;

const parentWatchMs = 1_000;

/** `underNpm`: npm started us, by a shell that passes no signal on and simply dies of it. */
export function listenForStop(underNpm: boolean): StopRequests {
  const stop = new AbortController();
  const hurry = new AbortController();
  let firstAt = 0;
  const onSignal = () => {
    if (!stop.signal.aborted) {
      firstAt = performance.now();
      stop.abort();
    } else if (performance.now() - firstAt > samePressMs) hurry.abort();
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, onSignal);
  if (underNpm) {
    const parent = process.ppid;
    setInterval(() => process.ppid !== parent && stop.abort(), parentWatchMs).unref();
  }
  return { stop: stop.signal, hurry: hurry.signal };
}

/** Waits for the work, or fails with StopRequested when that comes first. */
export async function unlessStopped<T>(work: Promise<T>, { stop }: StopRequests): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(new StopRequested());
  if (stop.aborted) onAbort();
  stop.addEventListener("abort", onAbort);
  try {
    return await Promise.race([promise, work]);
  } finally {
    stop.removeEventListener("abort", onAbort);
  }
}
