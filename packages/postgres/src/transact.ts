import { setTimeout as delay } from "node:timers/promises";
import { DomainError } from "@portcullis/errors";
import type { IsolationLevel, Kysely, KyselyPlugin, Transaction } from "kysely";
import { isRetryable } from "./failure.ts";

export interface TransactOptions {
  readonly signal: AbortSignal;
  /** Default: the database's, read committed. */
  readonly isolation?: IsolationLevel;
}

const attemptsMax = 6;
const backoffMsMax = 400;

/**
 * Runs `work` in a transaction and commits. When a concurrent transaction was in the way (40001, 40P01),
 * `work` runs again from the start, at most 6 times in all, then CONCURRENT_CHANGE: it must have no effects
 * but through `trx`. Other errors of `work` roll back and pass through.
 *
 * An abort of the signal rejects at once (DEADLINE_EXCEEDED, CANCELLED, or the signal's own DomainError) and
 * then nothing is committed; once COMMIT was sent its answer is awaited. DEPENDENCY_UNAVAILABLE says whether
 * the outcome is known.
 */
export async function transact<Schema, T>(
  db: Kysely<Schema>,
  work: (trx: Transaction<Schema>) => Promise<T>,
  { signal, isolation }: TransactOptions,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await runOnce(db, work, signal, isolation);
    } catch (error) {
      if (!isRetryable(error)) throw error;
      if (attempt === attemptsMax) {
        const message = "Others are changing the same thing at this moment. Nothing was changed; try again.";
        throw new DomainError("CONCURRENT_CHANGE", message, { cause: error });
      }
    }
    await backoff(attempt, signal);
  }
}

async function runOnce<Schema, T>(
  db: Kysely<Schema>,
  work: (trx: Transaction<Schema>) => Promise<T>,
  signal: AbortSignal,
  isolation: IsolationLevel | undefined,
): Promise<T> {
  throwIfAborted(signal);
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(abortError(signal));
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    const builder = db.withPlugin(refuseAfterAbort(signal)).transaction();
    const run = (isolation === undefined ? builder : builder.setIsolationLevel(isolation)).execute(
      async (trx) => {
        const result = await work(trx);
        throwIfAborted(signal);
        // COMMIT follows: from here on its answer counts, not the signal.
        signal.removeEventListener("abort", onAbort);
        return result;
      },
    );
    // After an abort it ends by itself, with a rollback, when the statement under way does.
    run.catch(() => {});
    return await Promise.race([run, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

/** Without this, work that was given up on would go on sending statements. */
function refuseAfterAbort(signal: AbortSignal): KyselyPlugin {
  return {
    transformQuery: ({ node }) => {
      throwIfAborted(signal);
      return node;
    },
    transformResult: async ({ result }) => result,
  };
}

async function backoff(attempt: number, signal: AbortSignal): Promise<void> {
  const ceilingMs = Math.min(backoffMsMax, 10 * 2 ** attempt);
  try {
    await delay(Math.random() * ceilingMs, undefined, { signal });
  } catch {
    throw abortError(signal);
  }
}

function throwIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw abortError(signal);
}

function abortError(signal: AbortSignal): DomainError {
  const reason: unknown = signal.reason;
  if (reason instanceof DomainError) return reason;
  return reason instanceof Error && reason.name === "TimeoutError"
    ? new DomainError("DEADLINE_EXCEEDED", "There was not enough time. Nothing was changed.", {
        cause: reason,
      })
    : new DomainError("CANCELLED", "The request was cancelled. Nothing was changed.", { cause: reason });
}
