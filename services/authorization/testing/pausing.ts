import { type Kysely, sql } from "kysely";
import type { Tx, UnitOfWork } from "../domain/ports.ts";

/** A unit of work that stops before each commit, to let a test have two transactions at once. */
export function pausing(inner: UnitOfWork): UnitOfWork & {
  /** Resolves when a transaction has done its work. */
  readonly reached: Promise<void>;
  /** Lets it commit. */
  release(): void;
} {
  const reached = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  const paused =
    <T>(work: (tx: Tx) => Promise<T>) =>
    async (tx: Tx) => {
      const result = await work(tx);
      reached.resolve();
      await released.promise;
      return result;
    };
  return {
    look: (work, signal) => inner.look(work, signal),
    run: (actor, work, signal) => inner.run(actor, paused(work), signal),
    once: (mutation, work, signal) => inner.once(mutation, paused(work), signal),
    reached: reached.promise,
    release: released.resolve,
  };
}

/** Resolves when another session of the database waits for a lock. */
export async function untilBlocked<Schema>(db: Kysely<Schema>): Promise<void> {
  for (;;) {
    const { rows } = await sql`
      select 1 from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`.execute(db);
    if (rows.length > 0) return;
  }
}
