import { countGuess, requireNotBlocked } from "./attempts.ts";
import { auditUser, lockUnchangedUser, saveUser } from "./change-user.ts";
import { alreadySet, notSet } from "./enrol-totp.ts";
import type { Mutation } from "./mutation.ts";
import type { PeopleDeps } from "./people-ports.ts";
import { codeInvalid, recoveryCodeKeyOf } from "./prove-user.ts";
import type { Revoked } from "./revocation.ts";
import { ownUser, type Self } from "./self.ts";
import { confirmSessionsEnded } from "./session-ends.ts";
import { confirmedTotpOf, digestOf, type User } from "./user.ts";

const operation = "user.confirm_totp";
const codeCount = 10;
/** 80 bits: enough for a plain hash to keep. */
const codeBytes = 10;
/** Without letters that look like digits. */
const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

/**
 * Puts the enrolled second factor to use and tells its recovery codes; when it has returned, no session works but
 * those of the sign-in that called. SECOND_FACTOR_SET, SECOND_FACTOR_NOT_SET, SECOND_FACTOR_INVALID.
 */
export async function confirmTotp(
  deps: PeopleDeps,
  command: { readonly mutation: Mutation; readonly self: Self; readonly code: string },
  signal: AbortSignal,
): Promise<Revoked<readonly string[]>> {
  const user = await ownUser(deps, command.self, signal);
  const { mutation, self, code } = command;
  const proven = {
    mutation,
    user,
    code,
    attemptKey: self.credentialId,
    sparedGroupId: self.session?.groupId,
  };
  return confirmProven(deps, proven, signal);
}

/** As confirmTotp, for a person who has been proven. */
export async function confirmProven(
  deps: PeopleDeps,
  command: {
    readonly mutation: Mutation;
    readonly user: User;
    readonly code: string;
    /** By which guesses are slowed down. */
    readonly attemptKey: string;
    /** The sign-in whose sessions go on. */
    readonly sparedGroupId: string | undefined;
  },
  signal: AbortSignal,
): Promise<Revoked<readonly string[]>> {
  const { user } = command;
  requireNotBlocked(deps.signInAttempts, command.attemptKey, user.id);
  if (user.totp !== undefined && confirmedTotpOf(user) === undefined) await countGuess(deps, user, signal);
  const codes = Array.from({ length: codeCount }, () => newCode(deps.randomBytes));
  try {
    await deps.unitOfWork.once(
      command.mutation,
      async (tx) => {
        const before = await lockUnchangedUser(tx, user);
        if (confirmedTotpOf(before) !== undefined) throw alreadySet();
        if (before.totp === undefined) throw notSet();
        const now = deps.clock();
        const sent = command.code.replaceAll(" ", "");
        const step = deps.totpCodes.stepOf(user.id, before.totp.sealedSecret, sent, now);
        if (step === undefined) throw codeInvalid();
        const totp = { ...before.totp, confirmedAt: now, lastStep: step };
        const secretsVersion = before.secretsVersion + 1;
        await saveUser(tx, before, { totp, secretsVersion }, now);
        await tx.forgetGuesses(user.id);
        await tx.replaceRecoveryCodes(
          user.id,
          codes.map((code) => digestOf(recoveryCodeKeyOf(code))),
        );
        await tx.requireSessionsEnd({
          userId: user.id,
          belowSecretsVersion: secretsVersion,
          exceptGroupId: command.sparedGroupId ?? "",
        });
        await auditUser(tx, user.id, operation);
        return { resourceId: user.id, value: undefined };
      },
      signal,
    );
  } catch (error) {
    deps.signInAttempts.failed(command.attemptKey, user.id);
    throw error;
  }
  const enforcements = await confirmSessionsEnded(deps, user.id, signal);
  const revocation = { accountId: "", operation, targetId: user.id, enforcements } as const;
  return { value: codes, revocation };
}

/** Four groups of four digits and letters. */
function newCode(randomBytes: PeopleDeps["randomBytes"]): string {
  let bits = 0n;
  for (const byte of randomBytes(codeBytes)) bits = (bits << 8n) | BigInt(byte);
  const digits = Array.from({ length: 16 }, (_, index) => {
    const digit = Number((bits >> BigInt(5 * index)) & 31n);
    return alphabet.charAt(digit);
  });
  return [0, 4, 8, 12].map((start) => digits.slice(start, start + 4).join("")).join("-");
}
