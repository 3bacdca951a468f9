// What a verification costs, through both doors, beside an empty RPC through the same door and on bare servers.
// `npm run bench:verify -- --rounds=3 --only=<pattern of names>`; writes RESULTS.md unless --only is given.
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Generator } from "./load/generator.ts";
import { expectedAnswers } from "./verify/expected-answers.ts";
import {
  type BenchInstallation,
  freePorts,
  type ServerProcess,
  startBenchInstallation,
  startNode,
} from "./verify/installation.ts";
import { type Round, summaryOf, writeReport } from "./verify/report.ts";
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
const latencyOf = "verify, data plane";

interface Started extends ServerProcess {
  readonly port: number;
  readonly dataPort: number;
}

const selected = scenarios.filter(({ name }) => new RegExp(options.only).test(name));
const installation = await startBenchInstallation(credentials);
const measured: Round[] = [];
try {
  for (let round = 1; round <= rounds; round++) await measureRound(round);
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

/** Each server a new process, all at once; loaded in turns, so that what else the machine does meets all alike. */
async function measureRound(round: number): Promise<void> {
  const servers: Started[] = [];
  const generator = new Generator();
  try {
    for (const scenario of selected) {
      const server = await start(installation, scenario);
      servers.push(server);
      await prepare(generator, scenario, server);
      await generator.load(scenario.name, warmUpMs);
    }
    const sums = new Map(selected.map(({ name }) => [name, [] as Round[]]));
    for (let slice = 0; slice < slices; slice++) {
      for (const { name } of slice % 2 === 0 ? selected : selected.toReversed()) {
        sums.get(name)?.push({ scenario: name, ...(await generator.load(name, sliceMs)) });
      }
    }
    const results = [...sums].map(([name, parts]) => sumOf(name, parts));
    measured.push(...results);
    for (const result of results) console.log(`${round}/${rounds} ${summaryOf(result)}`);
    const highest = results.find(({ scenario }) => scenario === latencyOf);
    if (highest === undefined) return;
    for (const share of shares) {
      const rate = Math.round((highest.calls / highest.seconds) * share);
      const scenario = `${latencyOf}, at ${share * 100} %`;
      const result = { scenario, rate, ...(await generator.load(latencyOf, latencyMs, rate)) };
      measured.push(result);
      console.log(`${round}/${rounds} ${summaryOf(result)}`);
    }
  } finally {
    generator.close();
    await Promise.all(servers.map((server) => server.stop()));
  }
}

function sumOf(scenario: string, parts: readonly Round[]): Round {
  const total = (pick: (part: Round) => number) => parts.reduce((sum, part) => sum + pick(part), 0);
  return {
    scenario,
    calls: total(({ calls }) => calls),
    seconds: total(({ seconds }) => seconds),
    cpuSeconds: total(({ cpuSeconds }) => cpuSeconds),
    latencies: parts.flatMap(({ latencies }) => latencies),
  };
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

async function prepare(generator: Generator, scenario: Scenario, server: Started): Promise<void> {
  const port = "door" in scenario.server && scenario.server.door === "data" ? server.dataPort : server.port;
  const authorization = `Bearer ${await installation.bearer()}`;
  const requests = requestsOf(scenario, installation.tokens);
  const answers = await expectedAnswers(scenario, port, authorization, requests);
  const isGrpc = scenario.protocol === "grpc";
  const body = (bytes: Uint8Array) => (isGrpc ? framed(bytes) : Buffer.from(bytes)).toString("base64");
  generator.connect(scenario.name, {
    target: {
      port,
      path: `/portcullis.credential.v1.VerificationService/${scenario.method}`,
      headers: {
        "content-type": isGrpc ? "application/grpc" : "application/proto",
        ...(isGrpc ? { te: "trailers" } : { "connect-protocol-version": "1" }),
        "user-agent": "portcullis-bench",
        authorization,
      },
    },
    exchanges: requests.map((request, index) => [body(request), body(answers[index] ?? new Uint8Array())]),
    mode: scenario.method === "VerifyStream" ? "stream" : "unary",
    connections: scenario.connections,
    concurrency: scenario.concurrency,
    serverPid: server.pid,
  });
}

/** A gRPC message, not compressed. */
function framed(bytes: Uint8Array): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([prefix, bytes]);
}
