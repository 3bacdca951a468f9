import { DomainError } from "@portcullis/errors";
import type { SignInAttempts } from "./people-ports.ts";

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
