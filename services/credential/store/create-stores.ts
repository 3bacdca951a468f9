import type { Kysely } from "kysely";
import type { CredentialStore, PrincipalStore, SessionStore, UnitOfWork } from "../domain/ports.ts";
import { createPostgresCredentials } from "./postgres-credentials.ts";
import { createPostgresPrincipals } from "./postgres-principals.ts";
import { createPostgresSessions } from "./postgres-sessions.ts";
import type { TxDeps } from "./postgres-tx.ts";
import { createPostgresUnitOfWork } from "./postgres-unit-of-work.ts";
import type { Schema } from "./schema.ts";

export interface Stores {
  readonly credentials: CredentialStore;
  readonly sessions: SessionStore;
  readonly principals: PrincipalStore;
  readonly unitOfWork: UnitOfWork;
}

/** All that is kept in Postgres. */
export function createStores(db: Kysely<Schema>, deps: TxDeps): Stores {
  return {
    credentials: createPostgresCredentials(db),
    sessions: createPostgresSessions(db),
    principals: createPostgresPrincipals(db),
    unitOfWork: createPostgresUnitOfWork(db, deps),
  };
}
