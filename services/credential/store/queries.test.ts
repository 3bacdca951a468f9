import { CompiledQuery, type KyselyPlugin, type RootOperationNode, sql } from "kysely";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { account, never, now, robot, tokenCredential } from "../testing/fixtures.ts";
import { startTestStores, type TestStores } from "../testing/start-stores.ts";
import type { Stores } from "./create-stores.ts";
import { createPostgresCredentials } from "./postgres-credentials.ts";
import { createPostgresHeld } from "./postgres-held.ts";
import type { HeldSource } from "./remembered-credentials.ts";

let world: TestStores;
beforeAll(async () => {
  world = await startTestStores();
});
beforeEach(() => world.clear());
afterAll(() => world[Symbol.asyncDispose]());

describe("queries", () => {
  /** The queries that `run` sends, as Postgres means to answer them if it can avoid reading whole tables. */
  async function plansOf(
    run: (store: Stores["credentials"] & HeldSource) => Promise<unknown>,
  ): Promise<readonly string[]> {
    const transformed = new WeakMap<object, RootOperationNode>();
    // Of what was executed: parts of a statement are transformed too, when they are put into it.
    const nodes: RootOperationNode[] = [];
    const capture: KyselyPlugin = {
      transformQuery: ({ node, queryId }) => {
        transformed.set(queryId, node);
        return node;
      },
      transformResult: async ({ result, queryId }) => {
        nodes.push(transformed.get(queryId) ?? expect.fail("a result without a query"));
        return result;
      },
    };
    const db = world.database.db.withPlugin(capture);
    await run({ ...createPostgresCredentials(db), ...createPostgresHeld(db) });
    return world.database.db.transaction().execute(async (trx) => {
      await sql`set local enable_seqscan = off`.execute(trx);
      await sql`set local enable_bitmapscan = off`.execute(trx);
      const plans: string[] = [];
      for (const node of nodes) {
        const query = trx.getExecutor().compileQuery(node, { queryId: "explained" });
        const { rows } = await trx.executeQuery<Record<string, string>>(
          CompiledQuery.raw(`explain ${query.sql}`, [...query.parameters]),
        );
        plans.push(rows.map((row) => row["QUERY PLAN"]).join("\n"));
      }
      return plans;
    });
  }

  const page = { size: 50, token: "" };
  test.each<[string, (store: Stores["credentials"] & HeldSource) => Promise<unknown>]>([
    ["verify", (store) => store.read([tokenCredential("authtoken").credential.locator], never)],
    ["list an account", (store) => store.list(account, { ownerId: undefined, kinds: [] }, page, never)],
    ["list an owner", (store) => store.list(account, { ownerId: robot, kinds: ["ssh_key"] }, page, never)],
    ["count of an owner", (store) => store.countWorking(account, robot, now, never)],
    ["count of an account", (store) => store.countWorking(account, undefined, now, never)],
  ])("%s in one round trip, without reading whole tables or sorting them", async (name, run) => {
    const plans = await plansOf(run);
    expect(plans).toHaveLength(1);
    // The head is one row.
    expect(plans[0]).not.toMatch(/Seq Scan on (?!coherence_head )/);
    if (name.startsWith("list")) expect(plans[0]).not.toContain("Sort");
  });
});
