import type { SettledTransactions } from "@portcullis/coherence/postgres";
import type { UnitOfWork } from "../domain/ports.ts";
import { createTx, type TxDeps } from "./postgres-tx.ts";
import type { Schema } from "./schema.ts";

/** Transactions in Postgres, in force everywhere when they resolve. */
export function createPostgresUnitOfWork(settled: SettledTransactions<Schema>, deps: TxDeps): UnitOfWork {
  return {
    once: (mutation, work, signal) =>
      settled.once(mutation, (trx, touched) => work(createTx(trx, touched, mutation, deps)), { signal }),
  };
}
