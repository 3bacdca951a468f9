import type { Kysely } from "kysely";
import type { CredentialStore, PrincipalStore, UnitOfWork } from "../domain/ports.ts";
import { createPostgresCredentials } from "./postgres-credentials.ts";
import { createPostgresPrincipals } from "./postgres-principals.ts";
import type { TxDeps } from "./postgres-tx.ts";
import { createPostgresUnitOfWork } from "./postgres-unit-of-work.ts";
import type { Schema } from "./schema.ts";

export interface Stores {
  readonly credentials: CredentialStore;
  readonly principals: PrincipalStore;
  readonly unitOfWork: UnitOfWork;
}

/** All that is kept in Postgres. */
export function createStores(db: Kysely<Schema>, deps: TxDeps): Stores {
  return {
    credentials: createPostgresCredentials(db),
    principals: createPostgresPrincipals(db),
    unitOfWork: createPostgresUnitOfWork(db, deps),
  };
}
