import { type Kysely, sql } from "kysely";
import type { Credential } from "../domain/credential.ts";
import type { AccountId } from "../domain/ids.ts";
import { type ClosableLastUses, createLastUses, type NotedUse } from "./last-uses.ts";
import type { Schema } from "./schema.ts";

/** Keeps last uses in memory, and writes them now and then. */
export function startLastUses(db: Kysely<Schema>, onError: (error: unknown) => void): ClosableLastUses {
  return createLastUses({ write: (noted, signal) => writeLastUses(db, noted, signal), onError });
}

/** Writes uses in one statement, forward only; those of credentials that are gone are dropped. */
export async function writeLastUses(
  db: Kysely<Schema>,
  uses: readonly NotedUse[],
  signal: AbortSignal,
): Promise<void> {
  const column = <Key extends keyof NotedUse>(key: Key) => uses.map((use) => use[key]);
  // What a program calls itself may hold anything but what Postgres can't.
  const userAgents = uses.map(({ userAgent }) => userAgent.replaceAll("\0", ""));
  // In the order of the key, so that two replicas don't lock each other out.
  await sql`
    insert into credential_uses (account_id, credential_id, used_at, source_ip, user_agent)
    select use.account_id, use.credential_id, use.used_at, use.source_ip, use.user_agent
    from unnest(
      ${column("accountId")}::text[], ${column("id")}::text[], ${column("at")}::timestamptz[],
      ${column("sourceIp")}::text[], ${userAgents}::text[]
    ) as use (account_id, credential_id, used_at, source_ip, user_agent)
    join credentials on (credentials.account_id, credentials.id) = (use.account_id, use.credential_id)
    order by use.account_id, use.credential_id
    on conflict (account_id, credential_id) do update
      set used_at = excluded.used_at, source_ip = excluded.source_ip, user_agent = excluded.user_agent
      where credential_uses.used_at < excluded.used_at`.execute(db, { signal });
}

/** The same credentials, with their last uses. */
export async function withLastUses(
  db: Kysely<Schema>,
  accountId: AccountId,
  credentials: readonly Credential[],
  signal: AbortSignal,
): Promise<readonly Credential[]> {
  if (credentials.length === 0) return [];
  const ids = credentials.map(({ id }) => id);
  const rows = await db
    .selectFrom("credential_uses")
    .selectAll()
    .where("account_id", "=", accountId)
    .where("credential_id", "in", ids)
    .execute({ signal });
  const uses = new Map(rows.map((row) => [row.credential_id, row]));
  return credentials.map((credential) => {
    const row = uses.get(credential.id);
    if (row === undefined) return credential;
    const { used_at: at, source_ip: sourceIp, user_agent: userAgent } = row;
    return { ...credential, lastUse: { at, sourceIp, userAgent } };
  });
}
