import {
  type ChangeServiceUserDeps,
  changeServiceUser,
  type ServiceUserCommand,
} from "./change-service-user.ts";
import { activate, type ServiceUser, withState } from "./service-user.ts";

/** Lets the credentials that it had work again. SERVICE_USER_LOCKED if an operator locked it. */
export function activateServiceUser(
  deps: ChangeServiceUserDeps,
  command: ServiceUserCommand,
  signal: AbortSignal,
): Promise<ServiceUser> {
  return changeServiceUser(
    deps,
    command,
    "service_user.activate",
    (user) => withState(user, activate(user.state)),
    signal,
  );
}
