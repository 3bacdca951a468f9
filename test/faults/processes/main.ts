// A run of any length: node test/faults/processes/main.ts --minutes 10 --seed 1. Exits with 1 if the promise was broken.
import process from "node:process";
import { parseArgs } from "node:util";
import { tableOf } from "./report.ts";
import { runProcesses } from "./run-processes.ts";

const { values } = parseArgs({
  options: { minutes: { type: "string", default: "1" }, seed: { type: "string", default: "1" } },
});
const report = await runProcesses({ minutes: Number(values.minutes), seed: Number(values.seed) });
console.log(tableOf(report.rows));
for (const example of report.examples) console.log(JSON.stringify(example));
process.exitCode = report.staleAccepts > 0 || report.disagreements.length > 0 ? 1 : 0;
