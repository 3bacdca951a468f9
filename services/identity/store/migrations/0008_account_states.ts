import { type Kysely, sql } from "kysely";

/** Suspended accounts; and debts for accounts as a whole, whose `principal_id` is the account's own id. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table accounts drop constraint accounts_state_check`.execute(db);
  await sql`alter table accounts add constraint accounts_state_check
    check (state in ('active', 'suspended', 'deleted'))`.execute(db);
  // Of accounts that were deleted before, enforcers know the principals only, and keep what is the account's. Not
  // due before replicas of the release before, which know no such debt, are gone.
  await sql`insert into pending_enforcements (account_id, principal_id, enforcer, version, due_at)
    select id, id, enforcer, version, now() + interval '10 minutes'
    from accounts, (values ('credential'), ('authorization')) as enforcers (enforcer)
    where state = 'deleted'`.execute(db);
}
