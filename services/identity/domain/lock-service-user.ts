import {
  type ChangeServiceUserDeps,
  changeServiceUser,
  type ServiceUserCommand,
} from "./change-service-user.ts";
import { lock, type ServiceUser, withState } from "./service-user.ts";

/** As deactivate, in a way that only unlock undoes. */
export function lockServiceUser(
  deps: ChangeServiceUserDeps,
  command: ServiceUserCommand,
  signal: AbortSignal,
): Promise<ServiceUser> {
  return changeServiceUser(
    deps,
    command,
    "service_user.lock",
    (user) => withState(user, lock(user.state)),
    signal,
  );
}
