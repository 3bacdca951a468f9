import type { SettledTransactions } from "@portcullis/coherence/postgres";
import type { Kysely } from "kysely";
import type {
  AccountStore,
  CredentialStore,
  PrincipalStore,
  SessionStore,
  UnitOfWork,
} from "../domain/ports.ts";
import { createPostgresAccounts } from "./postgres-accounts.ts";
import { createPostgresCredentials } from "./postgres-credentials.ts";
import { createPostgresPrincipals } from "./postgres-principals.ts";
import { createPostgresSessions } from "./postgres-sessions.ts";
import type { TxDeps } from "./postgres-tx.ts";
import { createPostgresUnitOfWork } from "./postgres-unit-of-work.ts";
import type { Schema } from "./schema.ts";

export interface Stores {
  readonly accounts: AccountStore;
  readonly credentials: CredentialStore;
  readonly sessions: SessionStore;
  readonly principals: PrincipalStore;
  readonly unitOfWork: UnitOfWork;
}

/** All that is kept in Postgres. */
export function createStores(db: Kysely<Schema>, settled: SettledTransactions<Schema>, deps: TxDeps): Stores {
  return {
    accounts: createPostgresAccounts(settled),
    credentials: createPostgresCredentials(db),
    sessions: createPostgresSessions(db),
    principals: createPostgresPrincipals(settled),
    unitOfWork: createPostgresUnitOfWork(settled, deps),
  };
}
