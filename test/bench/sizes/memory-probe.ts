// Loaded before a service: on SIGUSR2 garbage is collected and what is left is written to MEMORY_PROBE_FILE, in bytes.
// For `node --expose-gc --import=…`.
import { renameSync, writeFileSync } from "node:fs";
import process from "node:process";
import { isMainThread } from "node:worker_threads";

const file = process.env["MEMORY_PROBE_FILE"] ?? "";
if (isMainThread) {
  process.on("SIGUSR2", () => {
    // What is only reachable from what the first one has freed goes with the second.
    for (let count = 0; count < 2; count++) globalThis.gc?.();
    writeFileSync(`${file}.new`, JSON.stringify(process.memoryUsage()));
    renameSync(`${file}.new`, file);
  });
}
