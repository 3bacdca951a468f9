import type { UnitOfWork } from "../domain/ports.ts";

/** Holds something up: `pass` tells that it has come so far, and goes on when the gate is opened. */
export function gate() {
  const reached = Promise.withResolvers<void>();
  const open = Promise.withResolvers<void>();
  return {
    reached: reached.promise,
    open: open.resolve,
    refuse: open.reject,
    async pass() {
      reached.resolve();
      await open.promise;
    },
  };
}

/** Transactions that pass a gate last before they commit. */
export function gated(unitOfWork: UnitOfWork, pass: () => Promise<void>): UnitOfWork {
  return {
    once: (mutation, work, signal) =>
      unitOfWork.once(
        mutation,
        async (tx) => {
          const result = await work(tx);
          await pass();
          return result;
        },
        signal,
      ),
  };
}
