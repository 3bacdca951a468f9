import { CommanderError } from "commander";
import { type ExitCode, exitCode } from "./errors.ts";
import { explain } from "./explain.ts";
import { printable, printableJson, withoutTokens } from "./output/printable.ts";
import { createProgram } from "./program.ts";
import type { Terminal } from "./terminal.ts";

/** Runs the command line and resolves with what the process is to end with. Prints its own errors. */
export async function run(terminal: Terminal, args: readonly string[]): Promise<ExitCode> {
  let code: ExitCode = exitCode.ok;
  const program = createProgram(terminal, (refused) => {
    if (refused) code = exitCode.refused;
  });
  try {
    await program.parseAsync(args, { from: "user" });
    return code;
  } catch (error) {
    // Help and version, asked for.
    if (error instanceof CommanderError && error.exitCode === 0) return exitCode.ok;
    return printError(terminal, args, error);
  }
}

function printError({ stderr, environment }: Terminal, args: readonly string[], error: unknown): ExitCode {
  const told = explain(error);
  const clean = (text: string) => withoutTokens(text, environment["PORTCULLIS_API_KEY"]);
  const message = clean(told.message);
  const hint = clean(told.hint);
  // The arguments may be what is wrong, so they can't be asked for the option.
  if (args.includes("--json")) {
    const { code, reason, requestId } = told;
    stderr.write(`${printableJson({ code, reason, message, hint, requestId })}\n`);
  } else {
    stderr.write(`error: ${printable(message)}${told.reason === "" ? "" : ` [${told.reason}]`}\n`);
    if (hint !== "") stderr.write(`${printable(hint)}\n`);
  }
  return told.exitCode;
}
