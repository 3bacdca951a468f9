import { once } from "node:events";
import { createInterface, type Interface } from "node:readline/promises";
import { Writable } from "node:stream";
import { CliError } from "../errors.ts";
import type { Terminal } from "../terminal.ts";

const secretBytesMax = 64 * 1024;

/**
 * Reads a secret from standard input, without the white space around it. At a keyboard it asks for a line and
 * does not show it.
 */
export async function readSecret(terminal: Terminal, what: string): Promise<string> {
  const text = (
    terminal.stdin.isTTY ? await askHidden(terminal, what) : String(await readAll(terminal, secretBytesMax))
  ).trim();
  if (text === "") throw CliError.usage(`There was no ${what} on standard input.`);
  return text;
}

/**
 * Reads several secrets from standard input: one a line, in the order of their names. At a keyboard it asks for each
 * and does not show it. Passwords may have spaces, so nothing but the end of a line is taken off.
 */
export async function readSecrets<Name extends string>(
  terminal: Terminal,
  names: readonly Name[],
): Promise<Readonly<Record<Name, string>>> {
  const found: [Name, string][] = [];
  const lines = terminal.stdin.isTTY
    ? undefined
    : String(await readAll(terminal, secretBytesMax)).split(/\r?\n/);
  for (const [index, name] of names.entries()) {
    const text = lines === undefined ? await askHidden(terminal, name) : (lines[index] ?? "");
    if (text === "") {
      const asked = names.map((one) => `the ${one}`).join(", ");
      throw CliError.usage(`There was no ${name} on standard input.`, `Give, one a line: ${asked}.`);
    }
    found.push([name, text]);
  }
  return Object.fromEntries(found) as Record<Name, string>; // one of each name, by the loop
}

/** Asks a question that only `y` or `yes` answers with true. */
export async function confirm(terminal: Terminal, question: string): Promise<boolean> {
  const asking = createInterface({ input: terminal.stdin, output: terminal.stderr });
  try {
    return /^y(es)?$/i.test((await askLine(asking, `${question} [y/N] `)).trim());
  } finally {
    asking.close();
  }
}

/** The line that is typed; nothing after Ctrl-C or Ctrl-D, of which the question itself tells nothing. */
async function askLine(asking: Interface, question: string): Promise<string> {
  const closed = once(asking, "close").then(() => "");
  return Promise.race([asking.question(question).catch(() => ""), closed]);
}

/** Reads all of standard input. CliError where it is more than `bytesMax`. */
export async function readAll(terminal: Terminal, bytesMax: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of terminal.stdin) {
    const part = Buffer.from(chunk);
    bytes += part.length;
    if (bytes > bytesMax) throw CliError.usage(`Standard input holds more than ${bytesMax / 1024} KiB.`);
    chunks.push(part);
  }
  return Buffer.concat(chunks);
}

async function askHidden(terminal: Terminal, what: string): Promise<string> {
  terminal.stderr.write(`Paste the ${what} and press Enter (it is not shown): `);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const asking = createInterface({ input: terminal.stdin, output: nowhere, terminal: true });
  try {
    return await askLine(asking, "");
  } finally {
    asking.close();
    terminal.stderr.write("\n");
  }
}
