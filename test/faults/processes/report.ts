import type { History } from "./history.ts";
import type { Measurements, ReceiptTime } from "./measurements.ts";

export interface ProcessesReport {
  readonly seed: number;
  readonly staleAccepts: number;
  readonly staleRefusals: number;
  readonly verifications: number;
  readonly revocations: number;
  /** What replicas said at the end that was not so. */
  readonly disagreements: readonly string[];
  /** Wrong answers, to be looked at. */
  readonly examples: History["examples"];
  readonly faults: ReadonlyMap<string, number>;
  /** Of receipts where neither who served them nor Postgres was out of order. Milliseconds. */
  readonly receiptMsMax: number;
  /** For people: what a name, and what it was. */
  readonly rows: readonly (readonly [string, string])[];
}

interface Run {
  readonly seed: number;
  readonly seconds: number;
  readonly history: History;
  readonly measurements: Measurements;
  readonly disagreements: readonly string[];
}

export function reportOf({ seed, seconds, history, measurements, disagreements }: Run): ProcessesReport {
  const { receipts, verifications, unavailable, faults, revocations } = measurements;
  const { staleAccepts, staleRefusals, examples } = history;
  const total = sum(verifications);
  const inOrder = receipts.filter(({ isDisturbed }) => !isDisturbed);
  const rows: (readonly [string, string])[] = [
    ["seed", String(seed)],
    ["seconds", seconds.toFixed(0)],
    ["verifications", String(total)],
    ...[...verifications].map(([source, count]) => [`  ${source}`, String(count)] as const),
    ["revocations with a receipt", String(revocations)],
    ["stale accepts", String(staleAccepts)],
    ["stale refusals", String(staleRefusals)],
    ["wrong at the end", String(disagreements.length)],
    ["no answer", String(sum(unavailable))],
    ...[...unavailable].map(([code, count]) => [`  ${code}`, String(count)] as const),
    ["longest verification", `${measurements.longestVerificationMs.toFixed(0)} ms`],
    ["receipts, who serves them and Postgres in order", timesOf(inOrder)],
    ...(["acknowledged", "waited"] as const).map(
      (method) => [`  ${method}`, timesOf(inOrder.filter((one) => one.method === method))] as const,
    ),
    ["receipts, all", timesOf(receipts)],
    ["faults", String(sum(faults))],
    ...[...faults].toSorted().map(([name, count]) => [`  ${name}`, String(count)] as const),
  ];
  return {
    seed,
    staleAccepts,
    staleRefusals,
    verifications: total,
    revocations,
    disagreements,
    examples,
    faults,
    receiptMsMax: Math.max(0, ...inOrder.map(({ ms }) => ms)),
    rows,
  };
}

/** Two columns. */
export function tableOf(rows: ProcessesReport["rows"]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join("\n");
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
