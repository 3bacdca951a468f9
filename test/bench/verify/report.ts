import { execFileSync } from "node:child_process";
import { cpus, totalmem } from "node:os";
import { median, quantile as quantileOf, spread } from "../figures.ts";
import type { Measured } from "../load/load.ts";
import { publish } from "../publish.ts";
import { scenarios } from "./scenarios.ts";

export type Round = Measured & { readonly scenario: string; readonly rate?: number };

export interface Circumstances {
  readonly rounds: number;
  /** Of load on each scenario in a round. */
  readonly seconds: number;
  readonly credentials: number;
}

/** What is to be reached, each as a ratio of verifications by a processor second. */
const targets: readonly (readonly [says: string, of: string, to: string, atLeast: number])[] = [
  ["verify, data plane / grpc-js empty (bytes)", "verify, data plane", "grpc-js empty (bytes)", 0.85],
  ["verify, data plane / Connect empty, gRPC", "verify, data plane", "Connect empty, gRPC", 6],
  ["verify, control plane / Connect empty, gRPC", "verify, control plane, gRPC", "Connect empty, gRPC", 0.85],
  [
    "verify, control plane / Connect empty, Connect",
    "verify, control plane, Connect",
    "Connect empty, Connect",
    0.85,
  ],
  ["batch of 64 / unary, tokens", "verify, batch of 64, data plane", "verify, data plane", 15],
  ["stream, 16 callers / unary, tokens", "verify, stream, data plane", "verify, data plane", 8],
];

/** Other ratios that say where the time goes. */
const ratios: readonly (readonly [says: string, of: string, to: string])[] = [
  ["verify / empty, data plane", "verify, data plane", "data plane empty"],
  ["data plane empty / grpc-js empty (bytes)", "data plane empty", "grpc-js empty (bytes)"],
  ["verify, data plane / grpc-js empty (protobuf-es)", "verify, data plane", "grpc-js empty (protobuf-es)"],
  ["verify / empty, control plane, gRPC", "verify, control plane, gRPC", "control plane empty, gRPC"],
  [
    "verify / empty, control plane, Connect",
    "verify, control plane, Connect",
    "control plane empty, Connect",
  ],
  [
    "larger young generation / Node's own",
    "verify, data plane, larger young generation",
    "verify, data plane",
  ],
];

/** Puts the section of these rounds in place of the one before. */
export async function writeReport(rounds: readonly Round[], circumstances: Circumstances): Promise<void> {
  await publish("verify", { markdown: sectionOf(rounds, circumstances), raw: rounds });
}

function sectionOf(rounds: readonly Round[], circumstances: Circumstances): string {
  const { seconds: loaded, credentials } = circumstances;
  const of = (name: string) => rounds.filter(({ scenario }) => scenario === name);
  const itemsOf = (name: string) => scenarios.find((scenario) => scenario.name === name)?.items ?? 1;
  /** Of each round, which has the same neighbours for both. */
  const ratiosOf = (name: string, to: string) => {
    const others = of(to);
    return of(name).map((one, round) => {
      const other = others[round];
      if (other === undefined) return Number.NaN;
      const perCpuSecond = (itemsOf(name) * one.calls) / one.cpuSeconds;
      return perCpuSecond / ((itemsOf(to) * other.calls) / other.cpuSeconds);
    });
  };
  const rows = scenarios
    .filter(({ name }) => of(name).length > 0)
    .map(({ name, items }) => {
      const each = of(name);
      const cells = [
        spread(
          each.map(({ calls, cpuSeconds }) => (cpuSeconds / (items * calls)) * 1e6),
          1,
        ),
        spread(
          each.map(({ calls, cpuSeconds }) => (items * calls) / cpuSeconds),
          0,
        ),
        spread(
          each.map(({ calls, seconds }) => (items * calls) / seconds),
          0,
        ),
        spread(
          each.map((one) => quantile(one, 0.5)),
          2,
        ),
        spread(
          each.map((one) => quantile(one, 0.99)),
          2,
        ),
      ];
      return `| ${name} | ${cells.join(" | ")} |`;
    });
  const targetRows = targets.map(([says, numerator, denominator, atLeast]) => {
    const found = ratiosOf(numerator, denominator);
    const ratio = median(found);
    return `| ${says} | ${spread(found, 2)} | ≥ ${atLeast} | ${ratio >= atLeast ? "met" : "**missed**"} |`;
  });
  const ratioRows = ratios.map(([says, numerator, denominator]) => {
    return `| ${says} | ${spread(ratiosOf(numerator, denominator), 2)} |`;
  });
  const latencies = [
    ...new Set(rounds.filter(({ rate }) => rate !== undefined).map(({ scenario }) => scenario)),
  ];
  const latencyRows = latencies.map((name) => {
    const each = of(name);
    const cells = [0.5, 0.99, 0.999].map((q) => each.map((one) => quantile(one, q)));
    return `| ${name} (${each[0]?.rate}/s) | ${cells.map((values) => spread(values, 2)).join(" | ")} |`;
  });
  return `## Verification

${machine()} \`npm run bench:verify\`: ${circumstances.rounds} rounds, in each of which every server is a new process, warmed up and then loaded for ${loaded} s in all, in slices of 0.4 s that go round all of them in alternating order, so that whatever else the machine does meets all alike; LOG_LEVEL=warn. ${credentials} credentials, \`source_ip\` set, the caller a service. Load: a process of its own that sends prepared bytes over HTTP/2 (\`load/http2-load.ts\`), 64 calls at once on 4 connections, 16 batches, or 4 streams of 16 callers each whose questions travel together; every answer is compared with the one that must come. Median (least – most).

Processor time is the server's, all threads, and counts as the measure: the machine is shared. "Per core" is per second of it.

| | µs each | per core | per second | p50, ms | p99, ms |
|---|--:|--:|--:|--:|--:|
${rows.join("\n")}

| to reach | ratio | target | |
|---|--:|--:|---|
${targetRows.join("\n")}

| and | ratio |
|---|--:|
${ratioRows.join("\n")}

At a share of the highest load, calls beginning when their time has come (waiting counts):

| | p50, ms | p99, ms | p99.9, ms |
|---|--:|--:|--:|
${latencyRows.join("\n")}`;
}

function machine(): string {
  const commit = execFileSync("git", ["rev-parse", "--short", "HEAD"], {
    cwd: import.meta.dirname,
    encoding: "utf8",
  });
  const gib = Math.round(totalmem() / 2 ** 30);
  return `${cpus()[0]?.model ?? "unknown"}, ${cpus().length} cores, ${gib} GiB; Node ${process.version}; commit ${commit.trim()}.`;
}

/** One line for people who wait. */
export function summaryOf(round: Round): string {
  const { scenario, calls, seconds, cpuSeconds } = round;
  const each = ((cpuSeconds / calls) * 1e6).toFixed(1);
  const latency = `p50 ${quantile(round, 0.5).toFixed(2)} ms, p99 ${quantile(round, 0.99).toFixed(2)} ms`;
  return `${scenario}: ${(calls / seconds).toFixed(0)} calls/s, ${each} µs each, ${latency}`;
}

function quantile({ latencies }: Round, q: number): number {
  return quantileOf(latencies, q);
}
