// What a check costs, over gRPC, in accounts of three sizes that lie among a thousand others: checks per second,
// latency and rows read, when it is asked for the first time (cold) and again (hot, from memory), one by one and in
// batches. What is read hot must be nothing, what is read cold a few rows, however large the account. Takes about five
// minutes.
import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import { type Client, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { CheckService, ObjectAction } from "@portcullis/contracts/portcullis/authorization/v1/check_pb.ts";
import { openDatabase } from "@portcullis/postgres";
import { type Kysely, sql } from "kysely";
import { prepareService, type Replica } from "./one-service.ts";

interface Size {
  readonly accountId: string;
  readonly members: number;
  readonly groups: number;
  readonly objects: number;
}

const sizes: readonly Size[] = [
  { accountId: "acct_small", members: 10, groups: 5, objects: 100 },
  { accountId: "acct_medium", members: 1_000, groups: 100, objects: 10_000 },
  { accountId: "acct_large", members: 10_000, groups: 1_000, objects: 100_000 },
];
const fillerAccounts = 1_000;
const groupsPerMember = 5;
const measureMs = 5_000;
/** So many different questions are asked, each of them once before it is asked again. */
const questionsMax = 5_000;
const concurrency = 16;
const batchSize = 100;
/** Connections tell what they have read no later than so, also when nothing more is asked. */
const statisticsDelayMs = 10_500;
/** What a cold check may read in any account: in a large one, each brings another principal and another object. */
const coldRowsMax = 50;

const service = await prepareService("authorization");
const url = service.databaseUrl;
let replica: Replica | undefined;
try {
  const database = openDatabase<unknown>({
    url,
    applicationName: "bench",
    poolSizeMax: 2,
    statementTimeoutMs: 0,
    connectTimeoutMs: 10_000,
    onError: () => {},
  });
  const loadedAt = performance.now();
  await load(database.db);
  console.log(`loaded in ${((performance.now() - loadedAt) / 1000).toFixed(1)} s`);
  console.log(
    "account                          asked              checks/s    p50 ms    p99 ms   rows/check",
  );
  const measured: Awaited<ReturnType<typeof measure>>[] = [];
  for (const size of sizes) measured.push(await measure(database.db, size));
  await database.close();
  const hotRows = Math.max(...measured.map(({ hot }) => hot));
  const coldRows = Math.max(...measured.map(({ cold }) => cold));
  const verdict = (isMet: boolean) => (isMet ? "met" : "MISSED");
  console.log(`rows that a hot check reads: ${hotRows}  target 0: ${verdict(hotRows === 0)}`);
  console.log(
    `rows that a cold check reads: ${coldRows.toFixed(1)}  target <= ${coldRowsMax}: ${verdict(coldRows <= coldRowsMax)}`,
  );
  process.exitCode = hotRows === 0 && coldRows <= coldRowsMax ? 0 : 1;
} finally {
  await service.close();
}

/** A process that remembers nothing yet. */
async function startService(): Promise<Client<typeof CheckService>> {
  replica = await service.start();
  const token = service.tokenOf("credential");
  const transport = createGrpcTransport({
    baseUrl: `http://${replica.address}`,
    interceptors: [
      (next) => async (request) => {
        request.header.set("authorization", `Bearer ${await token()}`);
        return next(request);
      },
    ],
  });
  const client = createClient(CheckService, transport);
  // The code is warm, the memory of what is measured is not.
  const warmUp = {
    subject: { accountId: "acct_filler0001", principalId: "user_1" },
    permissionId: "ingestion",
  };
  for (let index = 0; index < 3_000; index++) await client.check(warmUp);
  return client;
}

/** Straight into the tables, as the service's own changes would have left them. */
async function load(db: Kysely<unknown>): Promise<void> {
  for (let index = 0; index < fillerAccounts; index++) {
    const accountId = `acct_filler${String(index).padStart(4, "0")}`;
    await loadAccount(db, { accountId, members: 10, groups: 2, objects: 20 });
  }
  for (const size of sizes) await loadAccount(db, size);
  await sql`analyze`.execute(db);
}

async function loadAccount(
  db: Kysely<unknown>,
  { accountId, members, groups, objects }: Size,
): Promise<void> {
  const statements = [
    sql`insert into principals (account_id, principal_id, kind, state, version, super_admin)
      select ${accountId}, 'user_' || i, 'user', 'active', 1, false from generate_series(1, ${members}::int) i`,
    sql`insert into role_bindings (account_id, principal_id, aspect, role_id, created_at)
      select ${accountId}, 'user_' || i, 'developer', 'developer_read_only', now()
      from generate_series(1, ${members}::int) i`,
    sql`insert into roles select ${accountId}, 'role_' || i, 'Role ' || i, 'role ' || i, '', 1, now(), now()
      from generate_series(1, ${groups}::int) i`,
    sql`insert into role_permissions select ${accountId}, 'role_' || i, p
      from generate_series(1, ${groups}::int) i,
        unnest(array['ingestion', 'events_management', 'dashboard_management', 'embedded_charts']) p
      where p <> 'dashboard_management' or i % 2 = 0`,
    sql`insert into groups select ${accountId}, 'grp_' || i, 'Group ' || i, 'group ' || i, '', 1, now(), now()
      from generate_series(1, ${groups}::int) i`,
    sql`insert into group_members select distinct ${accountId}, 'grp_' || (1 + (i * 7 + k * 13) % ${groups}::int), 'user_' || i
      from generate_series(1, ${members}::int) i, generate_series(1, ${groupsPerMember}::int) k`,
    sql`insert into role_assignments select ${accountId}, 'grp_' || i, 'role_' || i
      from generate_series(1, ${groups}::int) i`,
    sql`insert into objects select ${accountId}, 'dashboard', 'd' || i, null, 2, now()
      from generate_series(1, ${objects}::int) i`,
    sql`insert into object_access select ${accountId}, 'dashboard', 'd' || i, 'grp_' || (1 + i % ${groups}::int), true
      from generate_series(1, ${objects}::int) i`,
    sql`insert into object_access
      select ${accountId}, 'dashboard', 'd' || i, case when i % 2 = 0 then 'grp_everyone' else 'user_1' end, false
      from generate_series(1, ${objects}::int) i`,
  ];
  for (const statement of statements) await statement.execute(db);
}

/** Prints its lines, and returns the rows read for each check, one by one. */
async function measure(
  db: Kysely<unknown>,
  size: Size,
): Promise<{ readonly cold: number; readonly hot: number }> {
  const { accountId, members, objects } = size;
  const questions = Math.min(objects, questionsMax);
  const one = (index: number) => {
    const principalId = `user_${1 + (((index % questions) * 7_919) % members)}`;
    const objectId = `d${1 + (((index % questions) * 104_729) % objects)}`;
    const object = { objectType: "dashboard", objectId, action: ObjectAction.MODIFY };
    return index % 2 === 0 ? { principalId, object } : { principalId, permissionId: "ingestion" };
  };
  const check = (client: Client<typeof CheckService>) => async (index: number) => {
    const { principalId, ...question } = one(index);
    await client.check({ subject: { accountId, principalId }, ...question });
    return 1;
  };
  const batch = (client: Client<typeof CheckService>) => async (index: number) => {
    const items = Array.from({ length: batchSize }, (_, offset) => one(index * batchSize + offset));
    await client.batchCheck({ accountId, items });
    return batchSize;
  };
  const name = `${members} members, ${objects} objects`.padEnd(30);
  let before = 0;
  const line = async (how: string, work: () => Promise<Measured>) => {
    const { checks, perSecond, p50, p99 } = await work();
    const after = await rowsRead(db);
    const rows = (after - before) / checks;
    before = after;
    const cells = [
      String(Math.round(perSecond)).padStart(8),
      p50.toFixed(2).padStart(9),
      p99.toFixed(2).padStart(9),
      rows.toFixed(rows === 0 ? 0 : 1).padStart(12),
    ];
    console.log(`${name} ${how.padEnd(20)}${cells.join(" ")}`);
    return rows;
  };
  const single = check(await startService());
  before = await rowsRead(db);
  const cold = await line("one by one, cold", () => run(single, { calls: questions }));
  const hot = await line("one by one, hot", () => run(single, { forMs: measureMs }));
  await replica?.stop();
  const many = batch(await startService());
  before = await rowsRead(db);
  await line("batches of 100, cold", () => run(many, { calls: questions / batchSize }));
  await line("batches of 100, hot", () => run(many, { forMs: measureMs }));
  await replica?.stop();
  return { cold, hot };
}

interface Measured {
  readonly checks: number;
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
}

async function run(
  call: (index: number) => Promise<number>,
  { calls = Number.POSITIVE_INFINITY, forMs = Number.POSITIVE_INFINITY },
): Promise<Measured> {
  const latencies: number[] = [];
  let next = 0;
  let checks = 0;
  const startedAt = performance.now();
  const worker = async () => {
    while (next < calls && performance.now() - startedAt < forMs) {
      const calledAt = performance.now();
      // Not `+= await`: that would add to what it was before the wait.
      const answered = await call(next++);
      checks += answered;
      latencies.push(performance.now() - calledAt);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  const seconds = (performance.now() - startedAt) / 1000;
  latencies.sort((a, b) => a - b);
  const quantile = (q: number) => latencies[Math.floor(latencies.length * q)] ?? Number.NaN;
  return { checks, perSecond: checks / seconds, p50: quantile(0.5), p99: quantile(0.99) };
}

/**
 * Entries read from indexes, and rows read without one, by everybody so far, apart from the log of changes, which is
 * looked at three times in a second whatever is asked.
 */
async function rowsRead(db: Kysely<unknown>): Promise<number> {
  await delay(statisticsDelayMs);
  const { rows } = await sql<{ read: number }>`
    select (select coalesce(sum(idx_tup_read), 0) from pg_stat_user_indexes
        where relname not like 'coherence%')::float8
      + (select coalesce(sum(seq_tup_read), 0) from pg_stat_user_tables
        where relname not like 'coherence%')::float8 as read`.execute(db);
  return rows[0]?.read ?? 0;
}
