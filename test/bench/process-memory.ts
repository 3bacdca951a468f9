import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { promisify } from "node:util";

/** Of a process and everything below it, in MiB. */
export interface TreeMemory {
  readonly processes: number;
  /** What the processes share is counted once for each. */
  readonly rssMib: number;
  /** What they share is divided among them; undefined where the system doesn't tell. */
  readonly pssMib: number | undefined;
}

interface ProcessRow {
  readonly pid: number;
  readonly parent: number;
  readonly rssKib: number;
}

/** Measures the process and its descendants, those included that have a session of their own. */
export async function memoryOfTree(root: number): Promise<TreeMemory> {
  const rows = process.platform === "linux" ? await readProc() : await readPs();
  const tree = descendants(rows, root);
  const pss = await Promise.all(tree.map(({ pid }) => pssKib(pid)));
  return {
    processes: tree.length,
    rssMib: tree.reduce((sum, { rssKib }) => sum + rssKib, 0) / 1024,
    pssMib: pss.reduce<number | undefined>(
      (sum, kib) => (sum === undefined || kib === undefined ? undefined : sum + kib / 1024),
      0,
    ),
  };
}

function descendants(rows: readonly ProcessRow[], root: number): readonly ProcessRow[] {
  const found = rows.filter(({ pid }) => pid === root);
  for (const { pid } of found) found.push(...rows.filter(({ parent }) => parent === pid));
  return found;
}

async function readProc(): Promise<readonly ProcessRow[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number);
  const rows = await Promise.all(pids.map((pid) => statusOf(pid)));
  return rows.filter((row) => row !== undefined);
}

async function statusOf(pid: number): Promise<ProcessRow | undefined> {
  const text = await readFile(`/proc/${pid}/status`, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  const field = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(text)?.[1] ?? 0);
  return { pid, parent: field("PPid"), rssKib: field("VmRSS") };
}

async function pssKib(pid: number): Promise<number | undefined> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, "utf8").catch(() => "");
  const found = /^Pss:\s+(\d+)/m.exec(text)?.[1];
  return found === undefined ? undefined : Number(found);
}

async function readPs(): Promise<readonly ProcessRow[]> {
  const { stdout } = await promisify(execFile)("ps", ["-axo", "pid=,ppid=,rss="]);
  return stdout
    .trim()
    .split("\n")
    .map((line) => {
      const [pid = 0, parent = 0, rssKib = 0] = line.trim().split(/\s+/).map(Number);
      return { pid, parent, rssKib };
    });
}
