// What a check costs through authorization's data plane, beside a verification and an empty RPC of the same run, by
// groups of the principal and by principals of the account. `npm run bench -- authorization`, or
// `node test/bench/authorization.ts --rounds=3 --only=<pattern of names>`; publishes unless --only is given. A round
// takes five minutes, most of them to fill a replica's memory with a million principals, and 4 GiB.
import { parseArgs } from "node:util";
import { type Checks, check, empty, verify } from "./authorization/contestants.ts";
import { batchesOf, checksOf } from "./authorization/messages.ts";
import { writeReport } from "./authorization/report.ts";
import { openSdkHits } from "./authorization/sdk-hits.ts";
import { loadWorlds, type World, worldOfGroups, worldOfPrincipals } from "./authorization/worlds.ts";
import { measureRound, type Round, summaryOf, sumOf } from "./load/rounds.ts";
import { loadTokens } from "./load-tokens.ts";
import { prepareService } from "./one-service.ts";

const { values: options } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    only: { type: "string", default: "" },
    principals: { type: "string", default: "1000,100000,1000000" },
    /** Flags for the servers, e.g. to profile them. */
    node: { type: "string", multiple: true, default: [] },
  },
});
const settings = { slices: 8, sliceMs: 400, warmUpMs: 2_500, latencyMs: 4_000 };
const shares = [0.5, 0.8];
const rounds = Number(options.rounds);
const subjects = 1_024;
/** Those with very many groups. */
const subjectsOfMany = 64;
const batch = 64;
/** Different questions, where there are more principals. */
const questionsMax = 50_000;
const usual = worldOfGroups(100, subjects);

const isAskedFor = ({ name }: { readonly name: string }) => new RegExp(options.only).test(name);
const checks: readonly Checks[] = [
  inWorld("check, 100 groups, 10 roles", usual),
  {
    name: "check, batch of 64",
    world: usual,
    method: "BatchCheck" as const,
    concurrency: 4,
    messages: (to: Parameters<Checks["messages"]>[0]) => batchesOf(to, usual, subjects, batch),
  },
  inWorld("check, 1 group", worldOfGroups(1, subjects)),
  inWorld("check, 10,000 groups", worldOfGroups(10_000, subjectsOfMany)),
  ...options.principals
    .split(",")
    .map((count) =>
      inWorld(`check, ${Number(count).toLocaleString("en")} principals`, worldOfPrincipals(Number(count))),
    ),
].filter(isAskedFor);
const hits = "check, SDK hit";

const authorization = await prepareService("authorization");
const credential = await prepareService("credential");
try {
  const tokens = await loadTokens(credential.databaseUrl, subjects);
  await loadWorlds(authorization.databaseUrl, [...new Set([usual, ...checks.map(({ world }) => world)])]);
  const emptied = (name: string, kind: string) => empty(name, kind, credential, options.node);
  const contestants = [
    { ...emptied("grpc-js empty (bytes)", "grpc-js, bytes"), shares },
    emptied("Connect empty, gRPC", "connect"),
    emptied("data plane empty", "data plane"),
    { ...verify("verify", tokens, credential, options.node), shares },
    ...checks.map((one, index) => ({
      ...check(one, authorization, options.node),
      shares: index === 0 ? shares : [],
    })),
  ].filter(isAskedFor);
  const measured: Round[] = [];
  for (let round = 1; round <= rounds; round++) {
    const results = [
      ...(await measureRound(contestants, settings)),
      ...(isAskedFor({ name: hits }) ? [await sdkHits()] : []),
    ];
    measured.push(...results);
    for (const result of results) console.log(`${round}/${rounds} ${summaryOf(result)}`);
  }
  if (options.only === "") await writeReport(measured, { rounds, batch, ...settings });
} finally {
  await authorization.close();
  await credential.close();
}

function inWorld(name: string, world: World): Checks {
  const count = Math.min(questionsMax, Math.max(subjects, world.principals));
  return { name, world, messages: (to) => checksOf(to, world, count) };
}

async function sdkHits(): Promise<Round> {
  const server = await authorization.start({}, options.node);
  try {
    const { address, dataAddress = address } = server;
    using sdk = await openSdkHits(dataAddress, authorization.tokenOf("gateway"), usual);
    await sdk.measure(settings.warmUpMs);
    const parts = [];
    for (let slice = 0; slice < settings.slices; slice++) parts.push(await sdk.measure(settings.sliceMs));
    return sumOf(hits, parts);
  } finally {
    await server.stop();
  }
}
