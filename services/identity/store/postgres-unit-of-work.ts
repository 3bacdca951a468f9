import { type RequestedMutation, transactOnce } from "@portcullis/postgres";
import type { Kysely } from "kysely";
import type { Mutation } from "../domain/mutation.ts";
import type { UnitOfWork } from "../domain/ports.ts";
import { createTx, type TxDeps } from "./postgres-tx.ts";
import type { Schema } from "./schema.ts";

/** Transactions in Postgres. */
export function createPostgresUnitOfWork(db: Kysely<Schema>, deps: TxDeps): UnitOfWork {
  return {
    once: (mutation, work, signal) =>
      transactOnce(db, requestedBy(mutation), (trx) => work(createTx(trx, mutation, deps)), { signal }),
  };
}

/** Who has no credential has request ids by what the request is about; no service has such a name. */
function requestedBy(mutation: Mutation): RequestedMutation {
  const { actor } = mutation;
  if (actor.kind !== "anyone") return { ...mutation, actor };
  return { ...mutation, actor: { kind: "workload", name: `anyone:${actor.subject}` } };
}
