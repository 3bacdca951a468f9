import { transactOnce } from "@portcullis/postgres";
import type { Kysely } from "kysely";
import type { UnitOfWork } from "../domain/ports.ts";
import { createTx, type TxDeps } from "./postgres-tx.ts";
import type { Schema } from "./schema.ts";

/** Transactions in Postgres. */
export function createPostgresUnitOfWork(db: Kysely<Schema>, deps: TxDeps): UnitOfWork {
  return {
    once: (mutation, work, signal) =>
      transactOnce(db, mutation, (trx) => work(createTx(trx, mutation, deps)), { signal }),
  };
}
