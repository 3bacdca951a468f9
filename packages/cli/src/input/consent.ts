import { CliError } from "../errors.ts";
import type { Terminal } from "../terminal.ts";
import { confirm } from "./standard-input.ts";

/** What a change that can't be undone takes. */
export interface ConsentOptions {
  readonly yes?: true;
}

/** Asks before a change that can't be undone. CliError where nobody consents, or nobody is there to. */
export async function requireConsent(
  terminal: Terminal,
  question: string,
  { yes }: ConsentOptions,
): Promise<void> {
  if (yes) return;
  if (terminal.stdin.isTTY !== true) {
    throw CliError.usage("This can't be undone, and there is nobody to ask.", "Add --yes to do it.");
  }
  if (await confirm(terminal, question)) return;
  throw new CliError("canceled", "Nothing was changed.");
}
