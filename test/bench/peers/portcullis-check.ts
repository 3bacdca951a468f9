// Portcullis: checks by a unary call for each, by the SDK's batches where it remembers nothing, or from its memory
// under a lease. `node portcullis-check.ts <principals> unary|batches|hit`
import process from "node:process";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  CheckRequestSchema,
  CheckResponseSchema,
} from "@portcullis/contracts/portcullis/authorization/v1/check_pb.ts";
import { openDatabase } from "@portcullis/postgres";
import { type CheckQuestion, createChecker, type Subject } from "@portcullis/sdk";
import { sql } from "kysely";
import { prepareService } from "../one-service.ts";
import { measure, measureLater } from "./measure.ts";
import { measureLoad } from "./measure-load.ts";
import { permissionCount, permissionsOfRole, questionOf, roleCount, rolesOf } from "./world.ts";

const [principals, way] = [Number(process.argv[2]), process.argv[3]];
const concurrency = 64;
const accountId = "acct_bench";
const service = await prepareService("authorization");
try {
  await load(service.databaseUrl);
  const memory = String(2 * principals + 100_000);
  const replica = await service.start({ MEMORY_ENTRIES_MAX: memory, MEMORY_MIB_MAX: "1024" });
  const { address, dataAddress = address } = replica;
  const entriesMax = way === "hit" ? 2 * principals + 10_000 : 0;
  using checker = createChecker({
    addresses: dataAddress,
    token: service.tokenOf("credential"),
    memory: { entriesMax, bytesMax: 2 ** 30 },
  });
  const subjects: readonly Subject[] = Array.from({ length: principals }, (_, principal) => {
    return { accountId, principalId: `user_${principal}` };
  });
  const questions: readonly CheckQuestion[] = Array.from({ length: permissionCount }, (_, number) => {
    return { permission: `bench.permission${number}` };
  });
  const asked = (index: number) => {
    const { principal, permission, isAllowed } = questionOf(index, principals);
    const [subject, question] = [subjects[principal], questions[permission]];
    if (subject === undefined || question === undefined) throw new Error("nobody");
    return { subject, question, isAllowed };
  };
  const askLater = async (index: number) => {
    const { subject, question, isAllowed } = asked(index);
    const { allowed } = await checker.checkAsync(subject, question);
    if (allowed !== isAllowed) throw new Error("Portcullis was asked wrongly");
  };
  // All are in the service's memory then, and in the SDK's.
  for (let from = 0; from < principals; from += concurrency * 8) {
    await Promise.all(Array.from({ length: concurrency * 8 }, (_, index) => askLater(from + index)));
  }
  if (way === "unary") {
    const requests = subjects.map((_, index) => {
      const { subject, question } = asked(index);
      const request = { subject, permissionId: question.permission ?? "" };
      return toBinary(CheckRequestSchema, create(CheckRequestSchema, request));
    });
    const target = {
      port: Number(dataAddress.split(":")[1]),
      path: "/portcullis.authorization.v1.CheckService/Check",
      bearer: service.tokenOf("credential"),
    };
    await measureLoad(target, requests, replica.pid, (answer, index) => {
      const { allowed } = fromBinary(CheckResponseSchema, answer);
      if (allowed !== asked(index).isAllowed) throw new Error("Portcullis was asked wrongly");
    });
  } else if (way === "batches") await measureLater(askLater, concurrency);
  else {
    await measure((index) => {
      const { subject, question, isAllowed } = asked(index);
      const answer = checker.check(subject, question);
      // Between two leases, or at the first hit: counted, and bounded below.
      if (answer instanceof Promise) answer.catch(() => {});
      else if (answer.allowed !== isAllowed) throw new Error("Portcullis was asked wrongly");
    });
    const { hits, misses } = checker.stats();
    // All were asked once before.
    if (misses - principals > hits / 100) throw new Error(`${misses} answers were not from memory`);
  }
} finally {
  await service.close();
}

/** Straight into the tables, as the service's own changes would have left them. */
async function load(url: string): Promise<void> {
  const { db, close } = openDatabase<unknown>({
    url,
    applicationName: "bench",
    poolSizeMax: 1,
    statementTimeoutMs: 0,
    connectTimeoutMs: 10_000,
    onError: () => {},
  });
  const holders = Array.from({ length: principals }, (_, principal) => rolesOf(principal)).flat();
  const statements = [
    sql`insert into catalog_namespaces (namespace, version, digest) values ('bench', 1, '')`,
    sql`insert into catalog_permissions (permission_id, namespace, description, retired)
      select 'bench.permission' || i, 'bench', '', false from generate_series(0, ${permissionCount - 1}::int) i`,
    sql`insert into principals (account_id, principal_id, kind, state, version, super_admin)
      select ${accountId}, 'user_' || i, 'user', 'active', 1, false from generate_series(0, ${principals - 1}::int) i`,
    sql`insert into roles select ${accountId}, 'role_' || i, 'Role ' || i, 'role ' || i, '', 1, now(), now()
      from generate_series(0, ${roleCount - 1}::int) i`,
    sql`insert into role_permissions select ${accountId}, 'role_' || i / ${permissionsOfRole}::int, 'bench.permission' || i
      from generate_series(0, ${permissionCount - 1}::int) i`,
    sql`insert into role_assignments
      select ${accountId}, 'user_' || (place - 1) / 2, 'role_' || role
      from unnest(${holders}::int[]) with ordinality as held (role, place)`,
    sql`analyze`,
  ];
  for (const statement of statements) await statement.execute(db);
  await close();
}
