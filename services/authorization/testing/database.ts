import { type Database, openDatabase } from "@portcullis/postgres";
import { createTestDatabase } from "@portcullis/postgres/testing";
import { migrations } from "../store/migrations/index.ts";
import type { AuthorizationSchema } from "../store/schema.ts";

/** A migrated database of a test file's own. */
export async function openTestDatabase(): Promise<{
  readonly database: Database<AuthorizationSchema>;
  /** Closes and drops it. */
  end(): Promise<void>;
}> {
  const created = await createTestDatabase(migrations);
  const database = openDatabase<AuthorizationSchema>({
    url: created.url,
    applicationName: "authorization-test",
    poolSizeMax: 10,
    statementTimeoutMs: 30_000,
    connectTimeoutMs: 10_000,
    onError: () => {},
  });
  return {
    database,
    async end() {
      await database.close();
      await created.drop();
    },
  };
}
