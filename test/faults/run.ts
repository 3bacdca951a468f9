import { parseArgs } from "node:util";
import type { Part, Report } from "./part.ts";
import { processes } from "./processes/part.ts";
import { simulation } from "./simulation/part.ts";

/** All parts, each with its share of the time. */
const parts: readonly Part[] = [simulation, processes];

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "1" },
    seed: { type: "string", default: "1" },
    seeds: { type: "string", default: "Infinity" },
    part: { type: "string" },
  },
});
const chosen = parts.filter(({ name }) => values.part === undefined || values.part === name);
const [minutes, firstSeed, seedsMax] = [Number(values.minutes), Number(values.seed), Number(values.seeds)];
if (chosen.length === 0 || !(minutes > 0) || !Number.isSafeInteger(firstSeed) || !(seedsMax > 0)) {
  console.error(
    `usage: npm run test:faults -- [--minutes N] [--seed S] [--seeds N] [--part ${parts.map(({ name }) => name).join("|")}]`,
  );
  process.exit(2);
}
for (const part of chosen) {
  const endsAtMs = Date.now() + (minutes * 60_000) / chosen.length;
  const report = await part.run({ endsAtMs, firstSeed, seedsMax });
  console.log(textOf(part.name, report));
  if (report.failures.length > 0) process.exitCode = 1;
}

function textOf(name: string, report: Report): string {
  const latencies = Float64Array.from(report.receiptLatenciesMs).toSorted();
  const percentile = (part: number) =>
    (latencies[Math.min(latencies.length - 1, Math.floor(part * latencies.length))] ?? 0).toFixed(1);
  const rows: readonly (readonly [string, number | string])[] = [
    ["seeds", report.seeds],
    ["verifications", report.verifications],
    ["  refused", report.refused],
    ["  unavailable", report.unavailable],
    ["revocations with a receipt", report.revocations],
    ["stale accepts", report.staleAccepts],
    ["receipt after commit, ms, p50", percentile(0.5)],
    ["receipt after commit, ms, p99", percentile(0.99)],
    ["receipt after commit, ms, max", percentile(1)],
    ...[...report.faults]
      .toSorted(([a], [b]) => a.localeCompare(b))
      .map(([kind, count]) => [`fault: ${kind}`, count] as const),
    ...(report.more ?? []),
    ["failures", report.failures.length],
  ];
  const lines = rows.map(([label, value]) => `${label.padEnd(36)}${String(value).padStart(12)}`);
  return [name, ...lines, ...report.failures].join("\n");
}
