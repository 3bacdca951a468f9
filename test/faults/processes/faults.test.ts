import { join } from "node:path";
import { expect, test } from "vitest";
import { runProcesses } from "./run-processes.ts";

const sabotage = (name: string) => join(import.meta.dirname, "sabotage", `${name}.ts`);

test("no verification that starts after a receipt is valid, whatever breaks", {
  timeout: 240_000,
}, async () => {
  const report = await runProcesses({ minutes: 1, seed: 20_260_301 });
  expect(report.examples).toEqual([]);
  expect(report).toMatchObject({ staleAccepts: 0, staleRefusals: 0, disagreements: [] });
  // That something has happened at all.
  expect(report.revocations).toBeGreaterThan(20);
  expect(report.verifications).toBeGreaterThan(1_000);
  expect(report.faults.size).toBeGreaterThan(5);
});

/** A proof that can't fail is none: each of these is one safeguard less. */
test.each<[string, string, readonly string[]]>([
  [
    "leases are never over",
    "lease-never-over",
    ["nothing passes to Postgres and Redis", "replica stopped (SIGSTOP)"],
  ],
  ["changes are acknowledged and not applied", "changes-not-applied", []],
  ["receipts are given out before anybody has heard", "writer-does-not-wait", []],
])("it sees it when %s", { timeout: 120_000 }, async (_name, preload, faults) => {
  const report = await runProcesses({ minutes: 0.25, seed: 1, preload: sabotage(preload), faults });
  expect(report.staleAccepts).toBeGreaterThan(0);
});
