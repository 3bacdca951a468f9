import type { Round } from "../load/rounds.ts";
import { costTable, latencyTable, machine, type Ratio, ratioTables } from "../load/tables.ts";
import { publish } from "../publish.ts";
import { scenarios } from "./scenarios.ts";

export interface Circumstances {
  readonly rounds: number;
  /** Of load on each scenario in a round. */
  readonly seconds: number;
  readonly credentials: number;
}

const ratio = (says: string, of: string, to: string, atLeast?: number): Ratio =>
  atLeast === undefined ? { says, of, to } : { says, of, to, atLeast };

/** What is to be reached; and others that say where the time goes. */
const ratios: readonly Ratio[] = [
  ratio("verify, data plane / grpc-js empty (bytes)", "verify, data plane", "grpc-js empty (bytes)", 0.85),
  ratio("verify, data plane / Connect empty, gRPC", "verify, data plane", "Connect empty, gRPC", 6),
  ratio(
    "verify, control plane / Connect empty, gRPC",
    "verify, control plane, gRPC",
    "Connect empty, gRPC",
    0.85,
  ),
  ratio(
    "verify, control plane / Connect empty, Connect",
    "verify, control plane, Connect",
    "Connect empty, Connect",
    0.85,
  ),
  ratio("batch of 64 / unary, tokens", "verify, batch of 64, data plane", "verify, data plane", 15),
  ratio("stream, 16 callers / unary, tokens", "verify, stream, data plane", "verify, data plane", 8),
  ratio("verify / empty, data plane", "verify, data plane", "data plane empty"),
  ratio("data plane empty / grpc-js empty (bytes)", "data plane empty", "grpc-js empty (bytes)"),
  ratio(
    "verify, data plane / grpc-js empty (protobuf-es)",
    "verify, data plane",
    "grpc-js empty (protobuf-es)",
  ),
  ratio("verify / empty, control plane, gRPC", "verify, control plane, gRPC", "control plane empty, gRPC"),
  ratio(
    "verify / empty, control plane, Connect",
    "verify, control plane, Connect",
    "control plane empty, Connect",
  ),
  ratio(
    "larger young generation / Node's own",
    "verify, data plane, larger young generation",
    "verify, data plane",
  ),
];

/** Puts the section of these rounds in place of the one before. */
export async function writeReport(rounds: readonly Round[], circumstances: Circumstances): Promise<void> {
  await publish("verify", { markdown: sectionOf(rounds, circumstances), raw: rounds });
}

function sectionOf(measured: readonly Round[], { rounds, seconds, credentials }: Circumstances): string {
  const itemsOf = (name: string) => scenarios.find((scenario) => scenario.name === name)?.items ?? 1;
  const names = scenarios.map(({ name }) => name);
  return `## Verification

${machine()} \`npm run bench:verify\`: ${rounds} rounds, in each of which every server is a new process, warmed up and then loaded for ${seconds} s in all, in slices of 0.4 s that go round all of them in alternating order, so that whatever else the machine does meets all alike; LOG_LEVEL=warn. ${credentials} credentials, \`source_ip\` set, the caller a service. Load: a process of its own that sends prepared bytes over HTTP/2 (\`load/http2-load.ts\`), 64 calls at once on 4 connections, 16 batches, or 4 streams of 16 callers each whose questions travel together; every answer is compared with the one that must come. Median (least – most).

Processor time is the server's, all threads, and counts as the measure: the machine is shared. "Per core" is per second of it.

${costTable(measured, names, itemsOf)}

${ratioTables(measured, ratios, itemsOf)}

At a share of the highest load, calls beginning when their time has come (waiting counts):

${latencyTable(measured)}`;
}
