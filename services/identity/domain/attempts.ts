import { DomainError } from "@portcullis/errors";
import type { PeopleDeps, SignInAttempts } from "./people-ports.ts";
import type { User } from "./user.ts";

/** TOO_MANY_ATTEMPTS while attempts of the source for the subject are refused. */
export function requireNotBlocked(attempts: SignInAttempts, source: string, subject: string): void {
  const retryAfterMs = attempts.blockedForMs(source, subject);
  if (retryAfterMs === 0) return;
  throw new DomainError("TOO_MANY_ATTEMPTS", "Too many attempts from here. Try again later.", {
    metadata: { retry_after_ms: String(retryAfterMs) },
  });
}

/** For what costs mails: each request counts, so that nobody's mailbox is filled from one place. */
export function countRequest(attempts: SignInAttempts, source: string, emailKey: string): void {
  const subject = `mail ${emailKey}`;
  requireNotBlocked(attempts, source, subject);
  attempts.failed(source, subject);
}

/**
 * For each code that is asked of a person who has been proven otherwise: nobody else's guesses may count, or
 * anybody could lock the person out. TOO_MANY_ATTEMPTS, where the code is not to be looked at.
 */
export async function countGuess(
  deps: Pick<PeopleDeps, "codeGuesses" | "clock">,
  user: User,
  signal: AbortSignal,
): Promise<void> {
  const retryAfterMs = await deps.codeGuesses.take(user.id, deps.clock(), signal);
  if (retryAfterMs === 0) return;
  throw new DomainError(
    "TOO_MANY_ATTEMPTS",
    "Too many codes were wrong. Try again later; if it was not you, set a new password.",
    { metadata: { retry_after_ms: String(retryAfterMs) } },
  );
}
