import { open, rename, stat } from "node:fs/promises";
import { stripVTControlCharacters } from "node:util";

const tailBytes = 16_384;
const lineLengthMax = 300;
const logBytesMax = 5_000_000;

/** A log file, and where in it this start begins. */
export interface Log {
  readonly file: string;
  readonly startByte: number;
}

/** Where what is written from now on can be told from before. A file that has grown large is put aside first. */
export async function beginLog(file: string): Promise<Log> {
  const size = await stat(file).then(
    (stats) => stats.size,
    () => 0,
  );
  if (size <= logBytesMax) return { file, startByte: size };
  // In place of the one put aside before.
  await rename(file, `${file}.1`);
  return { file, startByte: 0 };
}

/** The last lines of this start, in words, a dozen at most. */
export async function lastLines(log: Log, countMax = 12): Promise<readonly string[]> {
  const text = await readTail(log).catch(() => "");
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  return lines.slice(-countMax).map(readable);
}

/** A line of the services' logs, which are JSON, in words; any other line as it is. */
export function readable(line: string): string {
  return shortened(stripVTControlCharacters(describe(line) ?? line));
}

async function readTail({ file, startByte }: Log): Promise<string> {
  await using handle = await open(file, "r");
  const { size } = await handle.stat();
  const position = Math.max(Math.min(startByte, size), size - tailBytes);
  const { buffer, bytesRead } = await handle.read({ buffer: Buffer.alloc(size - position), position });
  return buffer.toString("utf8", 0, bytesRead);
}

const levels: Readonly<Record<number, string>> = {
  20: "debug",
  30: "info",
  40: "warn",
  50: "error",
  60: "fatal",
};

function describe(line: string): string | undefined {
  try {
    const parsed = JSON.parse(line) as Readonly<Record<string, unknown>> | null;
    const { time, level, msg, err, pid: _pid, hostname: _host, name: _name, ...rest } = parsed ?? {};
    if (typeof level !== "number" || typeof msg !== "string") return undefined;
    const clock = new Date(Number(time)).toISOString().slice(11, 23);
    const hasMessage = typeof err === "object" && err !== null && "message" in err;
    const error = hasMessage ? `: ${String(err.message)}` : "";
    const more = Object.entries(rest).map(
      ([key, value]) => ` ${key}=${typeof value === "string" ? value : JSON.stringify(value)}`,
    );
    return `${clock} ${levels[level] ?? level} ${msg}${error}${more.join("")}`;
  } catch {
    return undefined;
  }
}

function shortened(line: string): string {
  return line.length > lineLengthMax ? `${line.slice(0, lineLengthMax - 1)}…` : line;
}
