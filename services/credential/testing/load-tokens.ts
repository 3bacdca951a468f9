// Fills an empty database with credentials, as the service's own changes would have left them, and prints their
// tokens, one a line: what a bench of a million can't wait for the service to do.
// DATABASE_URL=… node services/credential/testing/load-tokens.ts <credentials> [<for each service user>]
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import process from "node:process";
import { openDatabase } from "@portcullis/postgres";
import { newId } from "@portcullis/service";
import { sql } from "kysely";
import { mintToken, secretHashBytes } from "../domain/token.ts";
import type { Schema } from "../store/schema.ts";

const batch = 5_000;
/** Prefix and key id. */
const hintLength = 27;
const [count, each] = [Number(process.argv[2]), Number(process.argv[3] ?? 1)];
const database = openDatabase<Schema>({
  url: process.env["DATABASE_URL"] ?? "",
  applicationName: "load-tokens",
  poolSizeMax: 1,
  statementTimeoutMs: 0,
  connectTimeoutMs: 10_000,
  onError: () => {},
});
const accountId = newId("acct");
let ownerId = "";
for (let from = 0; from < count; from += batch) {
  const rows = Array.from({ length: Math.min(batch, count - from) }, (_, index) => {
    const isFirst = (from + index) % each === 0;
    if (isFirst) ownerId = newId("svc");
    return { ownerId, isFirst, id: newId("cred"), token: mintToken("api_key", randomBytes) };
  });
  const owners = rows.filter(({ isFirst }) => isFirst).map((row) => row.ownerId);
  const columns = {
    ids: rows.map(({ id }) => id),
    owners: rows.map((row) => row.ownerId),
    locators: rows.map(({ token }) => `token:${token.keyId}`),
    hashes: rows.map(({ token }) => secretHashBytes(token.secretHash)),
    hints: rows.map(({ token }) => token.text.slice(0, hintLength)),
  };
  await sql`insert into principals (account_id, principal_id, kind, state, version)
    select ${accountId}, p, 'service_user', 'active', 1 from unnest(${owners}::text[]) p`.execute(
    database.db,
  );
  await sql`insert into credentials (account_id, id, kind, owner_id, locator, description, metadata, acl_rules,
      allowed_ip_ranges, secret_hash, token_hint, created_at, updated_at, version)
    select ${accountId}, id, 'api_key', owner, locator, '', '', '{}', '{}', secret, hint, now(), now(), 1
    from unnest(${columns.ids}::text[], ${columns.owners}::text[], ${columns.locators}::text[],
      ${columns.hashes}::bytea[], ${columns.hints}::text[]) as t (id, owner, locator, secret, hint)`.execute(
    database.db,
  );
  await sql`insert into credential_locators (locator, account_id, credential_id)
    select locator, ${accountId}, id from unnest(${columns.ids}::text[], ${columns.locators}::text[]) as t (id, locator)`.execute(
    database.db,
  );
  if (!process.stdout.write(rows.map(({ token }) => `${token.text}\n`).join(""))) {
    await once(process.stdout, "drain");
  }
}
await sql`analyze`.execute(database.db);
await database.close();
