import type { PeopleDeps } from "./people-ports.ts";
import { ownUser, type Self } from "./self.ts";
import { confirmedTotpOf, type User } from "./user.ts";

/** A person as shown to the person. */
export interface OwnProfile {
  readonly user: User;
  readonly recoveryCodesLeft: number;
}

/** USER_NOT_FOUND for a service user. */
export async function getUser(deps: PeopleDeps, self: Self, signal: AbortSignal): Promise<OwnProfile> {
  return profileOf(deps, await ownUser(deps, self, signal), signal);
}

export async function profileOf(deps: PeopleDeps, user: User, signal: AbortSignal): Promise<OwnProfile> {
  const hasCodes = confirmedTotpOf(user) !== undefined;
  return { user, recoveryCodesLeft: hasCodes ? await deps.users.countRecoveryCodes(user.id, signal) : 0 };
}
