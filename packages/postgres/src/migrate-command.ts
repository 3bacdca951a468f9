import process from "node:process";
import { type Migrations, migrateToLatest } from "./migrations.ts";

/**
 * A service's migrate command: brings the database of DATABASE_URL up to date and says what it did. Exits with
 * 78 when DATABASE_URL is missing and with 1 when a migration failed; the database is then as it was.
 */
export async function runMigrateCommand(serviceName: string, migrations: Migrations): Promise<void> {
  const url = process.env.DATABASE_URL;
  if (url === undefined || url === "") {
    process.stderr.write("DATABASE_URL is required: the database to migrate.\n");
    process.exit(78);
  }
  try {
    const applied = await migrateToLatest(url, migrations);
    const summary = applied.length === 0 ? "up to date" : `applied ${applied.join(", ")}`;
    process.stdout.write(`${serviceName}: ${summary}\n`);
  } catch (error) {
    process.stderr.write(`${serviceName}: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  }
}
