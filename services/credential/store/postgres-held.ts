import { logPosition } from "@portcullis/coherence/postgres";
import { type Kysely, type Selectable, sql } from "kysely";
import type { Locator } from "../domain/credential.ts";
import { type HeldCredential, hold } from "../domain/held-credential.ts";
import { principalKindOf } from "../domain/principal.ts";
import { sessionColumns } from "./postgres-credentials.ts";
import type { HeldSource } from "./remembered-credentials.ts";
import { toCredential } from "./rows.ts";
import type { CredentialsTable, Schema } from "./schema.ts";

/** The credentials that are presented, in Postgres. */
export function createPostgresHeld(db: Kysely<Schema>): HeldSource {
  return {
    async read(locators, signal) {
      const rows = await selectHeld(db, locators).execute({ signal });
      const [first] = rows;
      if (first === undefined) throw new Error("coherence_head has lost its row");
      const held = rows.filter(isFound).map((row) => [row.locator as Locator, toHeld(row)] as const);
      return { held: new Map(held), readAt: first.read_at };
    },
    async noteUses(sessions, now, signal) {
      const accountIds = sessions.map(({ accountId }) => accountId);
      const ids = sessions.map(({ id }) => id);
      // Locked ones are skipped: their last use is being written, or they are being ended.
      await sql`
        update sessions set last_used_at = ${now}
        from (
          select account_id, credential_id from sessions
          where (account_id, credential_id) in (select * from unnest(${accountIds}::text[], ${ids}::text[]))
            and last_used_at < ${now}
          for update skip locked
        ) as due
        where (sessions.account_id, sessions.credential_id) = (due.account_id, due.credential_id)`.execute(
        db,
        { signal },
      );
    },
  };
}

/**
 * One statement, so one snapshot: a credential is never judged by its account's or owner's state of another moment,
 * nor remembered with another position of the log. There is a row even if nothing is found.
 */
function selectHeld(db: Kysely<Schema>, locators: readonly Locator[]) {
  return (
    db
      .selectFrom(db.selectNoFrom(logPosition.as("read_at")).as("head"))
      .leftJoin("credential_locators as found", (join) =>
        // One parameter, however many there are.
        join.on("found.locator", "=", sql<string>`any(${locators}::text[])`),
      )
      .leftJoin("credentials as held", (join) =>
        join.onRef("held.account_id", "=", "found.account_id").onRef("held.id", "=", "found.credential_id"),
      )
      .leftJoin("accounts as account", "account.account_id", "held.account_id")
      // A missing owner refuses, it does not hide.
      .leftJoin("principals as owner", (join) =>
        join
          .onRef("owner.account_id", "=", "held.account_id")
          .onRef("owner.principal_id", "=", "held.owner_id"),
      )
      .leftJoin("sessions as session", (join) =>
        join
          .onRef("session.account_id", "=", "held.account_id")
          .onRef("session.credential_id", "=", "held.id"),
      )
      .selectAll("held")
      .select("head.read_at")
      .select(sessionColumns)
      .select("account.state as account_state")
      .select(["owner.kind as owner_kind", "owner.state as owner_state", "owner.version as owner_version"])
  );
}

type Row = Awaited<ReturnType<ReturnType<typeof selectHeld>["executeTakeFirstOrThrow"]>>;
type FoundRow = Row & Selectable<CredentialsTable>;

/** A row of credentials has all its columns that can't be null, or none. */
function isFound(row: Row): row is FoundRow {
  return row.id !== null;
}

function toHeld(row: FoundRow): HeldCredential {
  const credential = toCredential(row);
  const { owner_kind: kind, owner_state: state, owner_version: version } = row;
  const isKnown = kind !== null && state !== null && version !== null;
  const unknown = { kind: principalKindOf(credential.ownerId), state: "inactive", version: 0 } as const;
  return hold(credential, row.account_state ?? "active", isKnown ? { kind, state, version } : unknown);
}
