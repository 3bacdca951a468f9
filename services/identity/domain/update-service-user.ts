import {
  type ChangeServiceUserDeps,
  changeServiceUser,
  type ServiceUserCommand,
} from "./change-service-user.ts";
import type { ServiceUser } from "./service-user.ts";

/** New values; absent ones stay. */
export interface ServiceUserChanges {
  readonly name?: string;
  readonly description?: string;
}

/** Renames or describes anew. SERVICE_USER_NAME_TAKEN if another one of the account has the name. */
export function updateServiceUser(
  deps: ChangeServiceUserDeps,
  command: ServiceUserCommand,
  changes: ServiceUserChanges,
  signal: AbortSignal,
): Promise<ServiceUser> {
  return changeServiceUser(deps, command, "service_user.update", (user) => apply(user, changes), signal);
}

function apply(user: ServiceUser, { name = user.name, description = user.description }: ServiceUserChanges) {
  const isSame = name === user.name && description === user.description;
  return isSame ? user : { ...user, name, description };
}
