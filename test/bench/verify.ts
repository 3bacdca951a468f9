// What a verification costs, through both doors, beside an empty RPC through the same door and on bare servers.
// `npm run bench:verify -- --rounds=3 --only=<pattern of names>`; writes RESULTS.md unless --only is given.
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { LoadPlan } from "./load/load.ts";
import { connectPlan, grpcPlan } from "./load/plans.ts";
import { type Contestant, loadedBy, measureRound, type Round, summaryOf } from "./load/rounds.ts";
import { expectedAnswers } from "./verify/expected-answers.ts";
import {
  type BenchInstallation,
  freePorts,
  type ServerProcess,
  startBenchInstallation,
  startNode,
} from "./verify/installation.ts";
import { writeReport } from "./verify/report.ts";
import { requestsOf, type Scenario, scenarios } from "./verify/scenarios.ts";

const { values: options } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    slices: { type: "string", default: "8" },
    only: { type: "string", default: "" },
    /** Flags for the servers, e.g. to profile them. */
    node: { type: "string", multiple: true, default: [] },
  },
});
const rounds = Number(options.rounds);
const slices = Number(options.slices);
const sliceMs = 400;
const warmUpMs = 2_500;
const latencyMs = 4_000;
const credentials = 1_024;
/** Of the highest load, for latencies. */
const shares = [0.5, 0.8];

interface Started extends ServerProcess {
  readonly port: number;
  readonly dataPort: number;
}

const selected = scenarios.filter(({ name }) => new RegExp(options.only).test(name));
const installation = await startBenchInstallation(credentials);
const measured: Round[] = [];
try {
  const contestants = selected.map(
    (scenario): Contestant => ({
      name: scenario.name,
      bearer: () => installation.bearer(),
      shares: scenario.hasLatencies === true ? shares : [],
      async start() {
        const server = await start(installation, scenario);
        return loadedBy(planOf(scenario, server), server);
      },
    }),
  );
  for (let round = 1; round <= rounds; round++) {
    const results = await measureRound(contestants, { slices, sliceMs, warmUpMs, latencyMs });
    measured.push(...results);
    for (const result of results) console.log(`${round}/${rounds} ${summaryOf(result)}`);
  }
  if (options.only === "") {
    await writeReport(measured, {
      rounds,
      seconds: (slices * sliceMs) / 1_000,
      credentials,
    });
  }
} finally {
  await installation.close();
}

async function start(of: BenchInstallation, { server, nodeFlags }: Scenario): Promise<Started> {
  const [port = 0, dataPort = 0] = await freePorts(2);
  const flags = [...(nodeFlags ?? []), ...options.node];
  const script = join(import.meta.dirname, "verify/empty-server.ts");
  const process =
    "empty" in server
      ? await startNode([...flags, script, server.empty, String(port), of.workloadKey], [port])
      : await of.startCredential(port, dataPort, flags);
  return { ...process, port, dataPort };
}

async function planOf(scenario: Scenario, server: Started): Promise<LoadPlan> {
  const port = "door" in scenario.server && scenario.server.door === "data" ? server.dataPort : server.port;
  const authorization = `Bearer ${await installation.bearer()}`;
  const requests = requestsOf(scenario, installation.tokens);
  const answers = await expectedAnswers(scenario, port, authorization, requests);
  const messages = requests.map((request, index) => [request, answers[index] ?? new Uint8Array()] as const);
  const path = `/portcullis.credential.v1.VerificationService/${scenario.method}`;
  const planOfProtocol = scenario.protocol === "grpc" ? grpcPlan : connectPlan;
  return planOfProtocol({ port, path, bearer: () => installation.bearer() }, messages, {
    mode: scenario.method === "VerifyStream" ? "stream" : "unary",
    connections: scenario.connections,
    concurrency: scenario.concurrency,
    serverPid: server.pid,
  });
}
