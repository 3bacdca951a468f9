import type { SettledTransactions, Touched } from "@portcullis/coherence/postgres";
import { appendAudit, holdAccount } from "@portcullis/postgres";
import type { Transaction } from "kysely";
import { accountNotFound, installationScope } from "../domain/ids.ts";
import type { Actor } from "../domain/mutation.ts";
import type { Clock, Tx, UnitOfWork } from "../domain/ports.ts";
import { createAccountTx } from "./postgres-account-tx.ts";
import { createCatalogTx } from "./postgres-catalog.ts";
import { createGrantTx } from "./postgres-grant-tx.ts";
import { createGroupTx } from "./postgres-group-tx.ts";
import { createObjectTx } from "./postgres-objects.ts";
import { createPolicyTx } from "./postgres-policies.ts";
import { createRoleTx } from "./postgres-roles.ts";
import { createPostgresTx } from "./postgres-tx.ts";
import type { AuthorizationSchema } from "./schema.ts";

type Trx = Transaction<AuthorizationSchema>;

export interface UnitOfWorkDeps {
  readonly settled: SettledTransactions<AuthorizationSchema>;
  readonly newId: (prefix: string) => string;
  readonly now: Clock;
}

/** Transactions in Postgres, in force everywhere when they resolve. */
export function createPostgresUnitOfWork({ settled, newId, now }: UnitOfWorkDeps): UnitOfWork {
  const txOf = (trx: Trx, touched: Touched, audit: Tx["audit"]): Tx => ({
    ...createPostgresTx(trx, touched),
    accounts: createAccountTx(trx, touched),
    catalog: createCatalogTx(trx, touched),
    roles: createRoleTx(trx, touched),
    groups: createGroupTx(trx, touched),
    grants: createGrantTx(trx, touched),
    policies: createPolicyTx(trx, touched),
    objects: createObjectTx(trx, touched),
    audit,
  });
  const auditor = (trx: Trx, actor: Actor): Tx["audit"] => {
    return (event) => appendAudit(trx, { ...event, id: newId("evt"), occurredAt: now(), actor });
  };
  return {
    run: (actor, work, signal) =>
      settled.run((trx, touched) => work(txOf(trx, touched, auditor(trx, actor))), { signal }),
    async look(work, signal) {
      const { value } = await settled.run(
        (trx, touched) => {
          touched.addsOnly();
          return work(txOf(trx, touched, () => Promise.reject(new Error("to look is no event"))));
        },
        { signal },
      );
      return value;
    },
    once: (mutation, work, signal) =>
      settled.once(
        mutation,
        async (trx, touched) => {
          await requireAccount(trx, mutation.accountId);
          return work(txOf(trx, touched, auditor(trx, mutation.actor)));
        },
        { signal },
      ),
  };
}

/** A deletion of the account waits for this transaction, or comes first: ACCOUNT_NOT_FOUND. */
async function requireAccount(trx: Trx, accountId: string): Promise<void> {
  if (accountId !== installationScope && (await holdAccount(trx, accountId)) === "deleted") {
    throw accountNotFound();
  }
}
