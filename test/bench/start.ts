// How long `npm start` takes, and how much memory the idle installation has. Exits with 1 when a target is missed.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import { startInstallation } from "./installation.ts";
import { memoryOfTree } from "./process-memory.ts";

const runs = 3;
const idleAfterMs = 5_000;
const targets = { firstSeconds: 20, laterSeconds: 10, idleMib: 600 };

const folder = await mkdtemp(join(tmpdir(), "portcullis-bench-"));
try {
  const first: number[] = [];
  for (let run = 1; run <= runs; run++) {
    const installation = await startInstallation(join(folder, String(run)));
    first.push(installation.seconds);
    await installation.stop();
  }
  const later: number[] = [];
  const idle: number[] = [];
  const idleRss: number[] = [];
  let processes = 0;
  for (let run = 1; run <= runs; run++) {
    const installation = await startInstallation(join(folder, "1"));
    later.push(installation.seconds);
    await delay(idleAfterMs);
    const memory = await memoryOfTree(installation.pid);
    idle.push(memory.pssMib ?? memory.rssMib);
    idleRss.push(memory.rssMib);
    processes = memory.processes;
    await installation.stop();
  }
  const rows = [
    row("first start to ready", first, "s", targets.firstSeconds),
    row("start on an initialised folder", later, "s", targets.laterSeconds),
    row(`idle memory of ${processes} processes (PSS)`, idle, "MiB", targets.idleMib),
    row("the same, shared pages counted each time (RSS)", idleRss, "MiB", undefined),
  ];
  for (const { text } of rows) console.log(text);
  process.exitCode = rows.every(({ met }) => met) ? 0 : 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}

function row(name: string, values: readonly number[], unit: "s" | "MiB", target: number | undefined) {
  const number = (value: number) => value.toFixed(unit === "s" ? 2 : 0);
  const median = values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
  const met = target === undefined || median < target;
  const verdict = target === undefined ? "" : `  target < ${target} ${unit}: ${met ? "met" : "MISSED"}`;
  const text = `${name.padEnd(48)} ${`${number(median)} ${unit}`.padStart(9)}  (${values.map(number).join(", ")})${verdict}`;
  return { text, met };
}
