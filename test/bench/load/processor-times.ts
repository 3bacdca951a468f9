import { readdir, readFile } from "node:fs/promises";

/** What a process got of the processors, in seconds since its start. */
export interface ProcessorTimes {
  /** All threads that it has now. */
  readonly used: number;
  /** Its main thread could have run, and had to wait for a processor. */
  readonly waited: number;
}

/** As Linux's scheduler counts it. */
export async function processorTimesOf(pid: number): Promise<ProcessorTimes> {
  const threads = await readdir(`/proc/${pid}/task`);
  const times = await Promise.all(
    threads.map(async (thread) => {
      const text = await readFile(`/proc/${pid}/task/${thread}/schedstat`, "utf8").catch(() => "0 0");
      const [used = 0, waited = 0] = text.split(" ").map(Number);
      return { used: used / 1e9, waited: Number(thread) === pid ? waited / 1e9 : 0 };
    }),
  );
  return times.reduce((sum, one) => ({ used: sum.used + one.used, waited: sum.waited + one.waited }), {
    used: 0,
    waited: 0,
  });
}

/** What the machine's host gave to others while this one wanted to run, in seconds, over all processors. */
export async function stolenSeconds(): Promise<number> {
  const [cpu = ""] = (await readFile("/proc/stat", "utf8")).split("\n");
  return Number(cpu.trim().split(/\s+/)[8]) / 100;
}
