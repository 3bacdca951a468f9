import {
  type ChangeServiceUserDeps,
  changeServiceUser,
  type ServiceUserCommand,
} from "./change-service-user.ts";
import { type ServiceUser, unlock, withState } from "./service-user.ts";

/** Makes it what it was before the lock, or has become under it. */
export function unlockServiceUser(
  deps: ChangeServiceUserDeps,
  command: ServiceUserCommand,
  signal: AbortSignal,
): Promise<ServiceUser> {
  return changeServiceUser(
    deps,
    command,
    "service_user.unlock",
    (user) => withState(user, unlock(user.state)),
    signal,
  );
}
