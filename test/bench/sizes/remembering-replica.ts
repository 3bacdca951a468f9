import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import type { OneService, Replica } from "../one-service.ts";

const probe = join(import.meta.dirname, "memory-probe.ts");
const probeMsMax = 60_000;

export interface RememberingReplica extends Replica {
  /** Of the main thread, after its garbage was collected, in bytes. */
  memory(): Promise<{ readonly kept: number; readonly rss: number }>;
}

/** A replica whose memory has room for so many credentials, and can be measured. */
export async function startRemembering(service: OneService, size: number): Promise<RememberingReplica> {
  const folder = await mkdtemp(join(tmpdir(), "portcullis-bench-memory-"));
  const file = join(folder, "memory.json");
  const replica = await service.start(
    {
      MEMORY_ENTRIES_MAX: String(2 * size + 100_000),
      MEMORY_MIB_MAX: "8192",
      MEMORY_PROBE_FILE: file,
    },
    ["--expose-gc", "--max-old-space-size=8192", `--import=${probe}`],
  );
  return {
    ...replica,
    async memory() {
      await rm(file, { force: true });
      process.kill(replica.pid, "SIGUSR2");
      const giveUpAt = performance.now() + probeMsMax;
      for (;;) {
        const text = await readFile(file, "utf8").catch(() => undefined);
        if (text !== undefined) {
          const { heapUsed, external, rss } = JSON.parse(text) as NodeJS.MemoryUsage;
          return { kept: heapUsed + external, rss };
        }
        if (performance.now() > giveUpAt) throw new Error("the replica does not tell its memory");
        await delay(20);
      }
    },
    async stop() {
      await replica.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
