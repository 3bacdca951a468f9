import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { startEmbeddedPostgres } from "../embedded/index.ts";
import { postgresUrlKey } from "./provided.ts";

/** For `globalSetup` of a vitest configuration: one Postgres for the whole run, gone with it. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = await mkdtemp(join(tmpdir(), "portcullis-test-postgres-"));
  const postgres = await startEmbeddedPostgres({ dataDir, fsync: false, connectionsMax: 400 });
  project.provide(postgresUrlKey, postgres.url());
  return async () => {
    await postgres.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
}
