import { openDatabase } from "@portcullis/postgres";
import { sql } from "kysely";
import { expect } from "vitest";
import type { Installation } from "./installation.ts";

/** A look into identity's database, for what no RPC tells: how much its enforcers owe. */
export function openIdentityDatabase(installation: Installation) {
  const { db, close } = openDatabase<unknown>({
    url: installation.databaseUrls.identity,
    applicationName: "e2e",
    poolSizeMax: 2,
    statementTimeoutMs: 10_000,
    connectTimeoutMs: 5_000,
    onError: () => {},
  });
  const owed = async (principalId: string) => {
    const { rows } = await sql<{ enforcer: string }>`
      select enforcer from pending_enforcements where principal_id = ${principalId} order by enforcer`.execute(
      db,
    );
    return rows.map(({ enforcer }) => enforcer);
  };
  return {
    close,
    owed,
    /** Resolves once the enforcers that owe are these. */
    untilOwed: (principalId: string, enforcers: readonly string[]) =>
      expect.poll(() => owed(principalId), { timeout: 30_000, interval: 20 }).toEqual(enforcers),
  };
}
