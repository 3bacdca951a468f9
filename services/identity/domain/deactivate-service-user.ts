import {
  type ChangeServiceUserDeps,
  changeServiceUser,
  type ServiceUserCommand,
} from "./change-service-user.ts";
import { deactivate, type ServiceUser, withState } from "./service-user.ts";

/** Refuses its credentials, everywhere, from the moment this has returned; keeps them. */
export function deactivateServiceUser(
  deps: ChangeServiceUserDeps,
  command: ServiceUserCommand,
  signal: AbortSignal,
): Promise<ServiceUser> {
  return changeServiceUser(
    deps,
    command,
    "service_user.deactivate",
    (user) => withState(user, deactivate(user.state)),
    signal,
  );
}
