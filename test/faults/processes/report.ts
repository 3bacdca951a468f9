import type { Report } from "../part.ts";
import type { History } from "./history.ts";
import type { Measurements, ReceiptTime } from "./measurements.ts";

export interface ProcessesReport extends Omit<Report, "seeds" | "failures"> {
  readonly staleRefusals: number;
  /** What replicas said at the end that was not so. */
  readonly disagreements: readonly string[];
  /** Wrong answers, to be looked at. */
  readonly examples: History["examples"];
  readonly more: readonly (readonly [string, string])[];
}

interface Run {
  readonly seconds: number;
  readonly history: History;
  readonly measurements: Measurements;
  readonly disagreements: readonly string[];
}

export function reportOf({ seconds, history, measurements, disagreements }: Run): ProcessesReport {
  const { receipts, verifications, unavailable, faults, revocations } = measurements;
  const { staleAccepts, staleRefusals, examples } = history;
  const inOrder = receipts.filter(({ isDisturbed }) => !isDisturbed);
  const more: ProcessesReport["more"] = [
    ["seconds", seconds.toFixed(0)],
    ["stale refusals", String(staleRefusals)],
    ["wrong at the end", String(disagreements.length)],
    ...[...verifications].map(([source, count]) => [`verifications by ${source}`, String(count)] as const),
    ...[...unavailable].map(([code, count]) => [`no answer: ${code}`, String(count)] as const),
    ["longest verification", `${measurements.longestVerificationMs.toFixed(0)} ms`],
    ["receipts", timesOf(receipts)],
    ["  from one in order", timesOf(inOrder)],
    ...(["acknowledged", "waited"] as const).map(
      (method) => [`    ${method}`, timesOf(inOrder.filter((one) => one.method === method))] as const,
    ),
  ];
  return {
    verifications: sum(verifications),
    refused: history.refused,
    unavailable: sum(unavailable),
    revocations,
    staleAccepts,
    staleRefusals,
    disagreements,
    examples,
    receiptLatenciesMs: receipts.map(({ ms }) => ms),
    faults,
    more,
  };
}

function timesOf(receipts: readonly ReceiptTime[]): string {
  const sorted = receipts.map(({ ms }) => ms).toSorted((a, b) => a - b);
  if (sorted.length === 0) return "none";
  const at = (share: number) =>
    `${(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0).toFixed(1)} ms`;
  return `${sorted.length}: p50 ${at(0.5)}, p99 ${at(0.99)}, max ${at(1)}`;
}

function sum(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((total, count) => total + count, 0);
}
