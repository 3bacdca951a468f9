import type { Kysely } from "kysely";
import type {
  CodeGuesses,
  InvitationStore,
  MailOutbox,
  MemberStore,
  SessionEndOutbox,
  UserStore,
} from "../domain/people-ports.ts";
import type { AccountStore, EnforcementOutbox, ServiceUserStore, UnitOfWork } from "../domain/ports.ts";
import { createPostgresAccounts } from "./postgres-accounts.ts";
import { createPostgresCodeGuesses } from "./postgres-code-guesses.ts";
import { createPostgresEnforcementOutbox } from "./postgres-enforcement-outbox.ts";
import { createPostgresInvitations } from "./postgres-invitations.ts";
import { createPostgresMails } from "./postgres-mails.ts";
import { createPostgresMembers } from "./postgres-members.ts";
import { createPostgresServiceUsers } from "./postgres-service-users.ts";
import { createPostgresSessionEnds } from "./postgres-session-ends.ts";
import type { TxDeps } from "./postgres-tx.ts";
import { createPostgresUnitOfWork } from "./postgres-unit-of-work.ts";
import { createPostgresUsers } from "./postgres-users.ts";
import type { Schema } from "./schema.ts";

export interface Stores {
  readonly accounts: AccountStore;
  readonly serviceUsers: ServiceUserStore;
  readonly users: UserStore;
  readonly members: MemberStore;
  readonly invitations: InvitationStore;
  readonly unitOfWork: UnitOfWork;
  readonly outbox: EnforcementOutbox;
  readonly sessionEnds: SessionEndOutbox;
  readonly codeGuesses: CodeGuesses;
  readonly mails: MailOutbox;
}

/** All that is kept in Postgres. */
export function createStores(db: Kysely<Schema>, deps: TxDeps): Stores {
  return {
    accounts: createPostgresAccounts(db),
    serviceUsers: createPostgresServiceUsers(db),
    users: createPostgresUsers(db),
    members: createPostgresMembers(db),
    invitations: createPostgresInvitations(db),
    unitOfWork: createPostgresUnitOfWork(db, deps),
    outbox: createPostgresEnforcementOutbox(db),
    sessionEnds: createPostgresSessionEnds(db),
    codeGuesses: createPostgresCodeGuesses(db),
    mails: createPostgresMails(db, deps.clock),
  };
}
