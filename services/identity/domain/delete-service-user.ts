import {
  type ChangeServiceUserDeps,
  revokeServiceUser,
  type ServiceUserCommand,
} from "./change-service-user.ts";
import type { Revoked } from "./revocation.ts";
import { remove, type ServiceUser, withState } from "./service-user.ts";

/** Ends it and its credentials, everywhere and for ever, from the moment this has returned. Its name is free again. */
export function deleteServiceUser(
  deps: ChangeServiceUserDeps,
  command: ServiceUserCommand,
  signal: AbortSignal,
): Promise<Revoked<ServiceUser>> {
  return revokeServiceUser(
    deps,
    command,
    "service_user.delete",
    (user) => withState(user, remove(user.state)),
    signal,
  );
}
