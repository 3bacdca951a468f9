import {
  type ChangeServiceUserDeps,
  revokeServiceUser,
  type ServiceUserCommand,
} from "./change-service-user.ts";
import type { Revoked } from "./revocation.ts";
import { lock, type ServiceUser, withState } from "./service-user.ts";

/** As deactivate, in a way that only unlock undoes. */
export function lockServiceUser(
  deps: ChangeServiceUserDeps,
  command: ServiceUserCommand,
  signal: AbortSignal,
): Promise<Revoked<ServiceUser>> {
  return revokeServiceUser(
    deps,
    command,
    "service_user.lock",
    (user) => withState(user, lock(user.state)),
    signal,
  );
}
