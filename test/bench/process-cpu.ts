import { readFile } from "node:fs/promises";

/** Linux counts so. */
const ticksPerSecond = 100;

/** Seconds of processor time that the process has used, all threads; NaN where the system doesn't tell. */
export async function cpuSecondsOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  // The name, in brackets, may hold anything.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}
