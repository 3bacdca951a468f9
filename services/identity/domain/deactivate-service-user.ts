import {
  type ChangeServiceUserDeps,
  revokeServiceUser,
  type ServiceUserCommand,
} from "./change-service-user.ts";
import type { Revoked } from "./revocation.ts";
import { deactivate, type ServiceUser, withState } from "./service-user.ts";

/** Refuses its credentials, everywhere, from the moment this has returned; keeps them. */
export function deactivateServiceUser(
  deps: ChangeServiceUserDeps,
  command: ServiceUserCommand,
  signal: AbortSignal,
): Promise<Revoked<ServiceUser>> {
  return revokeServiceUser(
    deps,
    command,
    "service_user.deactivate",
    (user) => withState(user, deactivate(user.state)),
    signal,
  );
}
