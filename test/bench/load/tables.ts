import { execFileSync } from "node:child_process";
import { cpus, totalmem } from "node:os";
import { median, quantile, spread } from "../figures.ts";
import type { Round } from "./rounds.ts";

/** How many things a call of a scenario does. */
export type ItemsOf = (scenario: string) => number;

/** A ratio of what a processor second does. */
export interface Ratio {
  readonly says: string;
  readonly of: string;
  readonly to: string;
  readonly atLeast?: number;
}

/** What each costs, in the order of these names; without a steady rate. */
export function costTable(rounds: readonly Round[], names: readonly string[], itemsOf: ItemsOf): string {
  const rows = names
    .map((name) => [name, rounds.filter(({ scenario }) => scenario === name)] as const)
    .filter(([, each]) => each.length > 0)
    .map(([name, each]) => {
      const items = itemsOf(name);
      const of = (value: (round: Round) => number, digits: number) => spread(each.map(value), digits);
      const ms = (q: number) =>
        each.some(({ latencies }) => latencies.length > 0)
          ? of(({ latencies }) => quantile(latencies, q), 2)
          : "–";
      const cells = [
        of(({ calls, cpuSeconds }) => (cpuSeconds / (items * calls)) * 1e6, items > 1 ? 2 : 1),
        of(({ calls, cpuSeconds }) => (items * calls) / cpuSeconds, 0),
        of(({ calls, seconds }) => (items * calls) / seconds, 0),
        ms(0.5),
        ms(0.99),
      ];
      return `| ${name} | ${cells.join(" | ")} |`;
    });
  return `| | µs each | per core | per second | p50, ms | p99, ms |\n|---|--:|--:|--:|--:|--:|\n${rows.join("\n")}`;
}

/** Of each round, which has the same neighbours for both. */
function ratiosOf(rounds: readonly Round[], { of, to }: Ratio, itemsOf: ItemsOf): readonly number[] {
  const others = rounds.filter(({ scenario }) => scenario === to);
  return rounds
    .filter(({ scenario }) => scenario === of)
    .map((one, round) => {
      const other = others[round];
      if (other === undefined) return Number.NaN;
      const perCpuSecond = (itemsOf(of) * one.calls) / one.cpuSeconds;
      return perCpuSecond / ((itemsOf(to) * other.calls) / other.cpuSeconds);
    });
}

/** Those with a target first, in a table of their own. */
export function ratioTables(rounds: readonly Round[], ratios: readonly Ratio[], itemsOf: ItemsOf): string {
  const targets = ratios.flatMap((ratio) => {
    if (ratio.atLeast === undefined) return [];
    const found = ratiosOf(rounds, ratio, itemsOf);
    const verdict = median(found) >= ratio.atLeast ? "met" : "**missed**";
    return [`| ${ratio.says} | ${spread(found, 2)} | ≥ ${ratio.atLeast} | ${verdict} |`];
  });
  const others = ratios
    .filter(({ atLeast }) => atLeast === undefined)
    .map((ratio) => `| ${ratio.says} | ${spread(ratiosOf(rounds, ratio, itemsOf), 2)} |`);
  return `| to reach | ratio | target | |
|---|--:|--:|---|
${targets.join("\n")}

| and | ratio |
|---|--:|
${others.join("\n")}`;
}

/** Of those that had a steady rate. */
export function latencyTable(rounds: readonly Round[]): string {
  const steady = rounds.filter(({ rate }) => rate !== undefined);
  const rows = [...new Set(steady.map(({ scenario }) => scenario))].map((name) => {
    const each = steady.filter(({ scenario }) => scenario === name);
    const of = (value: (round: Round) => number, digits: number) => spread(each.map(value), digits);
    const cells = [
      ...[0.5, 0.99, 0.999].map((q) => of(({ latencies }) => quantile(latencies, q), 2)),
      of(({ cpuSeconds, seconds }) => (1_000 * cpuSeconds) / seconds, 0),
      of(({ waits, seconds }) => (1_000 * waits.serverSeconds) / seconds, 0),
      of(({ waits, seconds }) => (1_000 * waits.generatorSeconds) / seconds, 0),
      of(({ waits, seconds }) => (1_000 * waits.stolenSeconds) / seconds, 0),
    ];
    return `| ${name} (${each[0]?.rate}/s) | ${cells.join(" | ")} |`;
  });
  return `| | p50, ms | p99, ms | p99.9, ms | server works, ms/s | server waits, ms/s | load waits, ms/s | stolen, ms/s |
|---|--:|--:|--:|--:|--:|--:|--:|
${rows.join("\n")}

Works: its processor time, all threads. Calls that come one by one cost it more than those of the highest load, which come and go together, many to a packet: at 80 % of that it may be at its limit, and then a queue is what is measured. Waits: how long in a second of load the server's main thread, and the load generator's, were ready to run and had no processor, because other processes or threads had them; stolen: what the machine's host took from all processors. Where these are more than a few milliseconds, or the empty RPC has the same tail, the tail is the machine's.`;
}

/** What figures were made on. */
export function machine(): string {
  const commit = execFileSync("git", ["rev-parse", "--short", "HEAD"], {
    cwd: import.meta.dirname,
    encoding: "utf8",
  });
  const gib = Math.round(totalmem() / 2 ** 30);
  return `${cpus()[0]?.model ?? "unknown"}, ${cpus().length} cores, ${gib} GiB; Node ${process.version}; commit ${commit.trim()}.`;
}
