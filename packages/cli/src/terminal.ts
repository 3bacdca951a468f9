import type { Readable, Writable } from "node:stream";

/** A stream to read from, perhaps a keyboard. */
type Input = Readable & { readonly isTTY?: boolean };
/** A stream to write to, perhaps a screen. */
type Output = Writable & { readonly isTTY?: boolean; readonly columns?: number };

/** Everything around the program: what `main.ts` takes from the process. */
export interface Terminal {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly homeFolder: string;
  readonly stdin: Input;
  readonly stdout: Output;
  readonly stderr: Output;
}
