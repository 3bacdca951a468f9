import { DomainError } from "@portcullis/errors";
import { requireNotBlocked } from "./attempts.ts";
import { normalizePassword } from "./password-policy.ts";
import type { PeopleDeps } from "./people-ports.ts";
import type { Tx } from "./ports.ts";
import type { Self } from "./self.ts";
import { confirmedTotpOf, digestOf, type User } from "./user.ts";

/**
 * Undefined if the password is the user's, else the error PASSWORD_WRONG: to be thrown within the unit of work,
 * so that a repeat of a request that was carried out is answered. Guessing is slowed down by the credential that
 * is called with: TOO_MANY_ATTEMPTS.
 */
export async function proofFailure(
  deps: Pick<PeopleDeps, "passwords" | "signInAttempts">,
  user: User,
  password: string,
  self: Self,
  signal: AbortSignal,
): Promise<DomainError | undefined> {
  requireNotBlocked(deps.signInAttempts, self.credentialId, user.id);
  if (await deps.passwords.verify(user.passwordHash, normalizePassword(password), signal)) return undefined;
  deps.signInAttempts.failed(self.credentialId, user.id);
  return new DomainError("PASSWORD_WRONG", "That is not your present password.");
}

/**
 * Takes a code of the app or a recovery code: each is good once. Tells the second factor as it is to be stored,
 * undefined if the code is none. The user must be locked, and the guess counted.
 */
export async function takeCode(
  deps: Pick<PeopleDeps, "totpCodes">,
  tx: Tx,
  user: User,
  code: string,
  now: Date,
): Promise<User["totp"]> {
  const totp = confirmedTotpOf(user);
  if (totp === undefined) return undefined;
  const step = deps.totpCodes.stepOf(user.id, totp.sealedSecret, code.replaceAll(" ", ""), now);
  const isGood =
    step === undefined
      ? await tx.takeRecoveryCode(user.id, digestOf(recoveryCodeKeyOf(code)))
      : step > totp.lastStep;
  if (!isGood) return undefined;
  await tx.forgetGuesses(user.id);
  return step === undefined ? totp : { ...totp, lastStep: step };
}

/** A recovery code as it is hashed: however it was typed. */
export function recoveryCodeKeyOf(code: string): string {
  return code.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
}

export function codeInvalid(): DomainError {
  return new DomainError(
    "SECOND_FACTOR_INVALID",
    "That code is not good, or was used before. Wait for the app's next one, or use a recovery code.",
  );
}
