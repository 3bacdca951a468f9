import { appendAudit, transact, transactOnce } from "@portcullis/postgres";
import type { Kysely, Transaction } from "kysely";
import type { Actor } from "../domain/mutation.ts";
import type { Clock, Tx, UnitOfWork } from "../domain/ports.ts";
import { createPostgresTx } from "./postgres-tx.ts";
import type { AuthorizationSchema } from "./schema.ts";

export interface UnitOfWorkDeps {
  readonly db: Kysely<AuthorizationSchema>;
  readonly newId: (prefix: string) => string;
  readonly now: Clock;
}

export function createPostgresUnitOfWork({ db, newId, now }: UnitOfWorkDeps): UnitOfWork {
  const txOf = (trx: Transaction<AuthorizationSchema>, actor: Actor): Tx => ({
    ...createPostgresTx(trx),
    audit: (event) => appendAudit(trx, { ...event, id: newId("evt"), occurredAt: now(), actor }),
  });
  return {
    run: (actor, work, signal) => transact(db, (trx) => work(txOf(trx, actor)), { signal }),
    once: (mutation, work, signal) =>
      transactOnce(db, mutation, (trx) => work(txOf(trx, mutation.actor)), { signal }),
  };
}
