/** What the user is told when it doesn't work: a sentence on what is wrong and one on what to do next. */
export class LauncherError extends Error {
  override readonly name = "LauncherError";
  /** Shown beneath, as they are: the end of a log, say. */
  readonly details: readonly string[];
  readonly exitCode: number;

  constructor(
    message: string,
    options: { details?: readonly string[]; exitCode?: number; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.details = options.details ?? [];
    this.exitCode = options.exitCode ?? 1;
  }
}

/** The command line is wrong. */
export function usageError(message: string): LauncherError {
  return new LauncherError(message, { exitCode: 2 });
}

/** The system's code of an error, ENOENT say; empty for one that has none. */
export function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}
