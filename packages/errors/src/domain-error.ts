import { type ErrorKind, type ErrorReason, kindOfReason } from "./reasons.ts";

export interface DomainErrorOptions {
  /** For operators: logged, never sent. */
  readonly cause?: unknown;
  /** For programs: sent beside the reason, so nothing that the caller may not know. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * The one error that code throws on purpose. Three audiences: `message` is public, `reason` is stable
 * and for programs, `cause` stays private.
 */
export class DomainError extends Error {
  override readonly name = "DomainError";
  readonly reason: ErrorReason;
  readonly metadata: Readonly<Record<string, string>>;

  constructor(reason: ErrorReason, message: string, options: DomainErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.reason = reason;
    this.metadata = options.metadata ?? {};
  }

  get kind(): ErrorKind {
    return kindOfReason[this.reason];
  }
}
