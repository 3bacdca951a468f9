import { closeSync, openSync } from "node:fs";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";

/** Where a program's output goes: nowhere, the end of a file (made if missing), or a function, a line at a time. */
export type Output = "ignore" | { readonly appendTo: string } | ((line: string) => void);

export type OpenOutput = { readonly stdio: "ignore" | "pipe" | number; close(): void };

/** What `spawn` takes for this output. The caller closes it once the program was spawned. */
export function openOutput(output: Output): OpenOutput {
  if (output === "ignore") return { stdio: "ignore", close: () => {} };
  if (typeof output === "function") return { stdio: "pipe", close: () => {} };
  const descriptor = openSync(output.appendTo, "a", 0o600);
  return { stdio: descriptor, close: () => closeSync(descriptor) };
}

/** Hands each line of the stream to the output, when it is a function. Nothing is lost at the stream's end. */
export function readLines(stream: Readable | null, output: Output): void {
  if (stream === null || typeof output !== "function") return;
  createInterface({ input: stream, crlfDelay: Infinity }).on("line", output);
}
