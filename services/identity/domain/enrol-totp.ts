import { DomainError } from "@portcullis/errors";
import { auditUser, lockUnchangedUser, saveUser } from "./change-user.ts";
import type { Mutation } from "./mutation.ts";
import type { PeopleDeps } from "./people-ports.ts";
import { proofFailure } from "./prove-user.ts";
import { ownUser, type Self } from "./self.ts";
import { confirmedTotpOf, type User } from "./user.ts";

/** Makes a secret for the caller's app, which is of no use before it is confirmed. PASSWORD_WRONG, SECOND_FACTOR_SET. */
export async function enrolTotp(
  deps: PeopleDeps,
  command: { readonly mutation: Mutation; readonly self: Self; readonly password: string },
  signal: AbortSignal,
): Promise<{ readonly secret: string; readonly uri: string }> {
  const user = await ownUser(deps, command.self, signal);
  const failure = await proofFailure(deps, user, command.password, command.self, signal);
  if (failure !== undefined) throw failure;
  return enrolProven(deps, command.mutation, user, signal);
}

/** For a person who has been proven by password. SECOND_FACTOR_SET. */
export async function enrolProven(
  deps: PeopleDeps,
  mutation: Mutation,
  user: User,
  signal: AbortSignal,
): Promise<{ readonly secret: string; readonly uri: string }> {
  const { secret, sealedSecret } = deps.totpCodes.newSecret(user.id);
  await deps.unitOfWork.once(
    mutation,
    async (tx) => {
      const before = await lockUnchangedUser(tx, user);
      if (confirmedTotpOf(before) !== undefined) throw alreadySet();
      const totp = { sealedSecret, confirmedAt: undefined, lastStep: 0 };
      await saveUser(tx, before, { totp }, deps.clock());
      await auditUser(tx, user.id, "user.enrol_totp");
      return { resourceId: user.id, value: undefined };
    },
    signal,
  );
  return { secret, uri: deps.totpCodes.uriOf(secret, user.email) };
}

export function alreadySet(): DomainError {
  return new DomainError(
    "SECOND_FACTOR_SET",
    "You have a second factor already. Disable it first, to use another app.",
  );
}

export function notSet(): DomainError {
  return new DomainError("SECOND_FACTOR_NOT_SET", "You have no second factor. Enrol one first.");
}
