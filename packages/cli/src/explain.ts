import { Code, ConnectError } from "@connectrpc/connect";
import { codeToString } from "@connectrpc/connect/protocol-connect";
import { CommanderError } from "commander";
import { reasonName, systemCodeOf, wasNeverSent } from "./call/failure.ts";
import { ChangeError, type Fate } from "./call/repeat.ts";
import { CallError } from "./call/session.ts";
import { CliError, type ExitCode, exitCode } from "./errors.ts";
import { hintFor } from "./hints.ts";

/** An error as it is told: to people and to programs. */
export interface Explanation {
  /** `usage`, `config`, or a status code in gRPC's words. */
  readonly code: string;
  /** The ErrorReason without its prefix; empty where there is none. */
  readonly reason: string;
  readonly message: string;
  /** What to do next; may be empty. */
  readonly hint: string;
  /** Of the call that failed; empty where none was made. */
  readonly requestId: string;
  readonly exitCode: ExitCode;
}

/** Explains whatever ended the program. */
export function explain(error: unknown): Explanation {
  if (error instanceof CallError) return explainCall(error);
  if (error instanceof CliError) {
    const { code, reason, message, hint } = error;
    return {
      code,
      reason,
      message,
      hint,
      requestId: "",
      exitCode: code === "usage" ? exitCode.usage : exitCode.error,
    };
  }
  if (error instanceof CommanderError) return explainUsage(error);
  const message = error instanceof Error ? error.message : String(error);
  return { code: "internal", reason: "", message, hint: "", requestId: "", exitCode: exitCode.error };
}

function explainUsage(error: CommanderError): Explanation {
  const isHelp = error.code === "commander.help";
  return {
    code: "usage",
    reason: "",
    message: isHelp
      ? "no command was given"
      : error.message.replace(/^error: /, "").replace(/\s*\n\s*/g, " "),
    hint: "Add --help to see what can be given.",
    requestId: "",
    exitCode: exitCode.usage,
  };
}

function explainCall(error: CallError): Explanation {
  const change = error.cause instanceof ChangeError ? error.cause : undefined;
  const cause = ConnectError.from(change === undefined ? error.cause : change.cause);
  const reason = reasonName(cause);
  const known = { reason, requestId: error.requestId, exitCode: exitCode.error };
  if (wasNeverSent(cause) && change?.fate !== "unknown") {
    return { ...known, ...explainUnreachable(error, cause) };
  }
  const code = codeToString(cause.code);
  const message = reason === "" ? explainUnspoken(error, cause) : cause.rawMessage;
  const hint =
    hintOfFate(change?.fate, error) ?? (reason === "" ? hintUnspoken(error, cause) : hintFor(reason, error));
  return { ...known, code, message, hint };
}

function explainUnreachable(error: CallError, cause: ConnectError) {
  const { service, url } = error;
  return {
    code: "unavailable",
    message: `The ${service} service can't be reached at ${url} (${systemCodeOf(cause) ?? "no connection"}).`,
    hint: `Start Portcullis with \`npm start\`, or say where it runs with ${variableOf(error)} or a profile.`,
  };
}

/** For errors without a reason: from the connection, from a proxy, or from whoever else answers there. */
function explainUnspoken({ service, url }: CallError, cause: ConnectError): string {
  if (cause.code === Code.DeadlineExceeded) return `The ${service} service at ${url} did not answer in time.`;
  const systemCode = systemCodeOf(cause);
  if (systemCode !== undefined) {
    return `The connection to the ${service} service at ${url} broke (${systemCode}).`;
  }
  if (isStrange(cause)) {
    return `What answers at ${url} does not seem to be Portcullis' ${service} service: ${cause.rawMessage}`;
  }
  return `The ${service} service at ${url} answered: ${cause.rawMessage}`;
}

function hintUnspoken(error: CallError, cause: ConnectError): string {
  if (cause.code === Code.DeadlineExceeded) return "Give it longer with --timeout.";
  return isStrange(cause)
    ? `Look at ${variableOf(error)} or the profile's address.`
    : "Try again in a moment.";
}

/** Our services give a reason with errors of these codes, short of a method that is not theirs. */
function isStrange({ code }: ConnectError): boolean {
  return code === Code.Unimplemented || code === Code.Unknown || code === Code.Internal;
}

function variableOf({ service }: CallError): string {
  return `PORTCULLIS_${service.toUpperCase()}_URL`;
}

function hintOfFate(fate: Fate | undefined, { repeatWith }: CallError): string | undefined {
  switch (fate) {
    case undefined:
    case "refused":
      return undefined;
    case "committed":
      return (
        "The change is committed and goes on being delivered. To learn when it is enforced everywhere, " +
        `run the same command with ${repeatWith}.`
      );
    case "unknown":
      return `Whether the change was made is unknown. Run the same command with ${repeatWith}: it is made once at most.`;
  }
}
