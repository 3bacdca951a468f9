import { Command } from "commander";
import { openSession, type Session } from "./call/session.ts";
import type { GlobalOptions } from "./config/settings.ts";
import { createPrinter, type Printer } from "./output/printer.ts";
import type { Terminal } from "./terminal.ts";

/** What commander calls: the arguments, the options, the command itself. */
type CommandAction = (...given: unknown[]) => Promise<void>;

/** What a command that calls nobody works with. */
export interface Local {
  readonly terminal: Terminal;
  readonly printer: Printer;
  readonly globals: GlobalOptions;
}

/**
 * Turns what commands do into what commander calls. Their parameters are the arguments and options that the
 * command defines.
 */
export interface Runner {
  /** For a command that calls services. */
  withSession(act: (session: Session, ...args: never[]) => Promise<void>): CommandAction;
  /** For a command that asks whether something is good or allowed, and resolves with the answer. */
  asking(act: (session: Session, ...args: never[]) => Promise<boolean>): CommandAction;
  /** As `withSession`, for what anybody may call: no API key is needed, and none is sent. */
  withOpenSession(act: (session: Session, ...args: never[]) => Promise<void>): CommandAction;
  /** As `asking`, without an API key. */
  askingOpenly(act: (session: Session, ...args: never[]) => Promise<boolean>): CommandAction;
  /** For a command that calls nobody. */
  locally(act: (local: Local, ...args: never[]) => Promise<void>): CommandAction;
}

/** A runner that tells `answered` whether the answer that was asked for is a refusal. */
export function createRunner(terminal: Terminal, answered: (refused: boolean) => void): Runner {
  return {
    withSession:
      (act) =>
      async (...given) => {
        const { args, globals } = taken(given);
        await act(await openSession(terminal, globals), ...args);
      },
    asking:
      (act) =>
      async (...given) => {
        const { args, globals } = taken(given);
        answered(!(await act(await openSession(terminal, globals), ...args)));
      },
    withOpenSession:
      (act) =>
      async (...given) => {
        const { args, globals } = taken(given);
        await act(await openSession(terminal, globals, "open"), ...args);
      },
    askingOpenly:
      (act) =>
      async (...given) => {
        const { args, globals } = taken(given);
        answered(!(await act(await openSession(terminal, globals, "open"), ...args)));
      },
    locally:
      (act) =>
      async (...given) => {
        const { args, globals } = taken(given);
        const printer = createPrinter(terminal, globals.json === true);
        await act({ terminal, printer, globals }, ...args);
      },
  };
}

function taken(given: unknown[]) {
  const command = given.at(-1);
  if (!(command instanceof Command)) throw new Error("commander did not pass the command");
  return {
    // Parsed by the command's own definition, which stands beside the function that takes them.
    args: given.slice(0, -1) as never[],
    globals: command.optsWithGlobals<GlobalOptions>(),
  };
}
