import { appendAudit, holdAccount, transact, transactOnce } from "@portcullis/postgres";
import { type Kysely, sql, type Transaction } from "kysely";
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
  readonly db: Kysely<AuthorizationSchema>;
  readonly newId: (prefix: string) => string;
  readonly now: Clock;
}

export function createPostgresUnitOfWork({ db, newId, now }: UnitOfWorkDeps): UnitOfWork {
  const audited = async <T>(trx: Trx, actor: Actor, work: (tx: Tx) => Promise<T>): Promise<T> => {
    const changed = new Set<string>();
    const result = await work({
      ...createPostgresTx(trx),
      accounts: createAccountTx(trx),
      catalog: createCatalogTx(trx),
      roles: createRoleTx(trx),
      groups: createGroupTx(trx),
      grants: createGrantTx(trx),
      policies: createPolicyTx(trx),
      objects: createObjectTx(trx),
      async audit(event) {
        changed.add(event.accountId);
        await appendAudit(trx, { ...event, id: newId("evt"), occurredAt: now(), actor });
      },
    });
    for (const accountId of changed) await raiseRevision(trx, accountId);
    return result;
  };
  return {
    run: (actor, work, signal) => transact(db, (trx) => audited(trx, actor, work), { signal }),
    once: (mutation, work, signal) =>
      transactOnce(
        db,
        mutation,
        async (trx) => {
          await requireAccount(trx, mutation.accountId);
          return audited(trx, mutation.actor, work);
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

/**
 * Changes of one account take turns from here to their commit, which is why it comes last: who sees a revision
 * sees all that was changed up to it.
 */
async function raiseRevision(trx: Trx, accountId: string): Promise<void> {
  if (accountId === installationScope) return;
  await sql`
    insert into account_revisions as r (account_id, revision) values (${accountId}, 1)
    on conflict (account_id) do update set revision = r.revision + 1`.execute(trx);
}
