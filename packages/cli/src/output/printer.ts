import { type DescMessage, type MessageShape, toJson } from "@bufbuild/protobuf";
import type { Terminal } from "../terminal.ts";
import { printable, printableJson, withoutTokens } from "./printable.ts";
import { render, type Screen } from "./render.ts";
import type { View } from "./view.ts";

/** Standard output for answers, standard error for what is said about them. */
export interface Printer {
  readonly isJson: boolean;
  /** Prints an answer: with `--json` the message as protobuf JSON, else as the view shows it. */
  answer<Desc extends DescMessage>(
    desc: Desc,
    message: MessageShape<Desc>,
    view: (message: MessageShape<Desc>) => View,
  ): void;
  /** Prints what is no message of a service. */
  local(value: object, view: View): void;
  /** Prints a secret: a line that holds nothing else, so that a script can take it. For people only. */
  secret(text: string): void;
  /** Says something to people; not with `--json`. */
  readonly note: (text: string) => void;
  /** Says something that nobody should miss. */
  readonly warn: (text: string) => void;
}

/** A printer to the terminal. */
export function createPrinter(terminal: Terminal, isJson: boolean): Printer {
  const { stdout, stderr } = terminal;
  const printJson = (value: unknown) => stdout.write(`${printableJson(value, 2)}\n`);
  const printView = (view: View) => stdout.write(render(view, screenOf(terminal)));
  return {
    isJson,
    answer(desc, message, view) {
      // Fields that are false, zero or empty too: a script that asks for `.allowed` must not find nothing.
      if (isJson) printJson(toJson(desc, message, { alwaysEmitImplicit: true }));
      else printView(view(message));
    },
    local(value, view) {
      if (isJson) printJson(value);
      else printView(view);
    },
    secret(text) {
      stdout.write(`${text}\n`);
    },
    note(text) {
      if (!isJson) stderr.write(`${withoutTokens(printable(text))}\n`);
    },
    warn(text) {
      stderr.write(`warning: ${withoutTokens(printable(text))}\n`);
    },
  };
}

function screenOf({ stdout, environment }: Terminal): Screen {
  const isScreen = stdout.isTTY === true;
  return {
    columns: isScreen ? (stdout.columns ?? 80) : undefined,
    isColoured: isScreen && (environment["NO_COLOR"] ?? "") === "" && environment["TERM"] !== "dumb",
  };
}
