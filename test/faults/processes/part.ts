import type { Part, Report } from "../part.ts";
import type { HistoryEvent } from "./history.ts";
import { runProcesses } from "./run-processes.ts";

/** Longer runs are cut, so that each starts from processes that are new. Minutes. */
const minutesMax = 10;

/** Real processes under load and faults, a run for each seed. */
export const processes: Part = {
  name: "processes",
  async run({ endsAtMs, firstSeed, seedsMax }) {
    const reports: Report[] = [];
    while (reports.length < seedsMax && Date.now() < endsAtMs) {
      const seed = firstSeed + reports.length;
      const minutes = Math.min(minutesMax, (endsAtMs - Date.now()) / 60_000);
      const report = await runProcesses({ minutes, seed });
      const { staleAccepts, staleRefusals, examples, disagreements } = report;
      const isWrong = staleAccepts + staleRefusals + disagreements.length > 0;
      const failure = [
        `seed ${seed}: ${staleAccepts} stale accepts, ${staleRefusals} stale refusals, ${disagreements.length} wrong at the end`,
        ...examples.map(textOf),
        ...disagreements,
      ].join("\n  ");
      reports.push({ ...report, seeds: 1, failures: isWrong ? [failure] : [] });
    }
    return merged(reports);
  },
};

function textOf({ kind, by, subject, startMs, endMs, outcome }: HistoryEvent): string {
  return `${kind} of ${subject} by ${by}: ${outcome}, from ${startMs.toFixed(1)} to ${endMs.toFixed(1)} ms`;
}

function merged(reports: readonly Report[]): Report {
  const total = (count: (report: Report) => number) =>
    reports.reduce((sum, report) => sum + count(report), 0);
  const faults = new Map<string, number>();
  for (const report of reports) {
    for (const [name, count] of report.faults) faults.set(name, (faults.get(name) ?? 0) + count);
  }
  return {
    seeds: total(({ seeds }) => seeds),
    verifications: total(({ verifications }) => verifications),
    refused: total(({ refused }) => refused),
    unavailable: total(({ unavailable }) => unavailable),
    revocations: total(({ revocations }) => revocations),
    staleAccepts: total(({ staleAccepts }) => staleAccepts),
    receiptLatenciesMs: reports.flatMap(({ receiptLatenciesMs }) => receiptLatenciesMs),
    faults,
    failures: reports.flatMap(({ failures }) => failures),
    more: reports.flatMap(({ more }) => more ?? []),
  };
}
