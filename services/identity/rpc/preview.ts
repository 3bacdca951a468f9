import type { ServiceUserCommand } from "../domain/change-service-user.ts";
import { previewServiceUser } from "../domain/preview-service-user.ts";
import type { Transition } from "../domain/service-user.ts";
import type { IdentityDeps } from "./deps.ts";
import { toDependents, toServiceUser } from "./messages.ts";

/** The answer to a destructive verb with `validate_only`. */
export async function previewOf(
  deps: IdentityDeps,
  command: ServiceUserCommand,
  transition: Transition,
  signal: AbortSignal,
) {
  const { serviceUser, dependents } = await previewServiceUser(deps, command, transition, signal);
  return { serviceUser: toServiceUser(serviceUser), dependents: toDependents(dependents) };
}
