import { DomainError } from "@portcullis/errors";
import { confirmProven } from "./confirm-totp.ts";
import { enrolProven } from "./enrol-totp.ts";
import type { Mutation } from "./mutation.ts";
import type { Origin } from "./open-session.ts";
import type { PeopleDeps } from "./people-ports.ts";
import type { Revoked } from "./revocation.ts";
import { provePassword } from "./sign-in.ts";
import type { User } from "./user.ts";

export interface ByPassword {
  readonly mutation: Mutation;
  readonly origin: Origin;
  readonly email: string;
  readonly password: string;
}

/** EnrolTotp for who can't sign in without a second factor. SIGN_IN_REFUSED, EMAIL_NOT_VERIFIED, SECOND_FACTOR_SET. */
export async function enrolSecondFactor(
  deps: PeopleDeps,
  command: ByPassword,
  signal: AbortSignal,
): Promise<{ readonly secret: string; readonly uri: string }> {
  return enrolProven(deps, command.mutation, await prove(deps, command, signal), signal);
}

/** ConfirmTotp for who can't sign in without a second factor. SIGN_IN_REFUSED, SECOND_FACTOR_INVALID. */
export async function confirmSecondFactor(
  deps: PeopleDeps,
  command: ByPassword & { readonly code: string },
  signal: AbortSignal,
): Promise<Revoked<readonly string[]>> {
  const { mutation, code, origin } = command;
  const user = await prove(deps, command, signal);
  const proven = { mutation, user, code, attemptKey: origin.sourceIp, sparedGroupId: undefined };
  return confirmProven(deps, proven, signal);
}

async function prove(deps: PeopleDeps, command: ByPassword, signal: AbortSignal): Promise<User> {
  const user = await provePassword(deps, command, signal);
  if (user.emailVerifiedAt !== undefined) return user;
  throw new DomainError("EMAIL_NOT_VERIFIED", "Verify your e-mail address first.");
}
