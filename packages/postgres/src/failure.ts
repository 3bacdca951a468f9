import { DomainError } from "@portcullis/errors";

/** What is known about the data when a statement fails. */
export type Outcome = "unchanged" | "unknown";

const unreachableStates = new Set(["53300", "57P01", "57P02", "57P03", "57P05", "25P03", "25P04"]);

const unreachableCodes = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "ECONNABORTED",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ENOENT",
]);

// The one place where message text decides: pg and kysely give these errors no code.
const unreachableMessages =
  /^(Connection terminated|timeout exceeded when trying to connect|timeout expired|Query read timeout|Client (was closed|has encountered a connection error)|Postgres connection has been discarded)/;

/** The SQLSTATE or the system's error code, "" when there is none. */
export function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}

/** Whether it is the connection that failed, so that it can't be used any more. */
export function isConnectionFailure(error: unknown): boolean {
  const code = codeOf(error);
  if (code.startsWith("08") || unreachableStates.has(code) || unreachableCodes.has(code)) return true;
  return error instanceof Error && code === "" && unreachableMessages.test(error.message);
}

/**
 * The only place that turns failures of the database into domain errors: an unreachable database is
 * DEPENDENCY_UNAVAILABLE, a statement over its time is DEADLINE_EXCEEDED, a text with a NUL, which Postgres
 * does not take, is VALIDATION_FAILED. Everything else comes back as it was. `outcome` is what is known if the connection broke.
 */
export function toDomainError(error: unknown, outcome: Outcome): unknown {
  if (codeOf(error) === "57014") {
    const message = "The database took too long to answer. Nothing was changed; try again.";
    return new DomainError("DEADLINE_EXCEEDED", message, { cause: error });
  }
  if (codeOf(error) === "22021") {
    return new DomainError("VALIDATION_FAILED", "A text has a NUL character, which can't be stored.", {
      cause: error,
    });
  }
  if (!isConnectionFailure(error)) return error;
  const message =
    outcome === "unchanged"
      ? "The database can't be reached right now. Nothing was changed; try again."
      : "The connection to the database was lost before it answered. The change may or may not have been made; look before you try again.";
  return new DomainError("DEPENDENCY_UNAVAILABLE", message, { cause: error });
}

/** Whether a concurrent transaction was in the way: the whole transaction can be run again. */
export function isRetryable(error: unknown): boolean {
  const code = codeOf(error);
  return code === "40001" || code === "40P01";
}

/** Whether the error is a violation of the unique constraint or unique index of this name. */
export function isUniqueViolation(error: unknown, constraintName: string): boolean {
  return (
    codeOf(error) === "23505" &&
    error instanceof Error &&
    "constraint" in error &&
    error.constraint === constraintName
  );
}
