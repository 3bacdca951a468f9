/** What the process ends with. */
export const exitCode = {
  ok: 0,
  error: 1,
  usage: 2,
  /** The answer is a refusal: a credential that is not valid, a permission that is not held, an address that can't be invited. */
  refused: 3,
} as const;

/** One of the codes that the process ends with. */
export type ExitCode = (typeof exitCode)[keyof typeof exitCode];

/** Something that the person at the command line can put right, found on this side of the wire. */
export class CliError extends Error {
  override readonly name = "CliError";
  /** For programs: `usage`, `config`, or a status code in gRPC's words. */
  readonly code: string;
  /** What to do next; empty where the message says it. */
  readonly hint: string;
  /** As the services' ErrorReason; empty where they have none for it. */
  readonly reason: string;

  constructor(code: string, message: string, hint = "", reason = "") {
    super(message);
    this.code = code;
    this.hint = hint;
    this.reason = reason;
  }

  /** The command line does not make sense. */
  static usage(message: string, hint = ""): CliError {
    return new CliError("usage", message, hint);
  }

  /** The environment or the configuration file does not make sense. */
  static config(message: string, hint = ""): CliError {
    return new CliError("config", message, hint);
  }
}
