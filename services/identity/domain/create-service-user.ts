import type { ChangeServiceUserDeps } from "./change-service-user.ts";
import { confirmEnforced } from "./enforcement.ts";
import { type AccountId, accountNotFound, parseServiceUserId, serviceUserNotFound } from "./ids.ts";
import type { Mutation } from "./mutation.ts";
import { planLimitReached } from "./plan.ts";
import type { NewId } from "./ports.ts";
import { principalOf, type ServiceUser } from "./service-user.ts";

export interface CreateServiceUserCommand {
  readonly mutation: Mutation;
  readonly accountId: AccountId;
  readonly name: string;
  readonly description: string;
}

/**
 * Creates an active service user; when it has returned, every enforcer knows it, so that credentials can be
 * made for it at once. ACCOUNT_NOT_FOUND, SERVICE_USER_NAME_TAKEN, PLAN_LIMIT_REACHED, ENFORCEMENT_PENDING.
 */
export async function createServiceUser(
  deps: ChangeServiceUserDeps & { readonly newId: NewId },
  command: CreateServiceUserCommand,
  signal: AbortSignal,
): Promise<ServiceUser> {
  const { accountId } = command;
  const outcome = await deps.unitOfWork.once(
    command.mutation,
    async (tx) => {
      // Counted by one at a time.
      if ((await tx.lockAccount(accountId)) === undefined) throw accountNotFound();
      const free = await tx.countFreeServiceUsers(accountId);
      if (free !== undefined && free < 1) throw planLimitReached("service_users");
      const now = deps.clock();
      const value: ServiceUser = {
        accountId,
        id: parseServiceUserId(deps.newId("svc")),
        name: command.name,
        description: command.description,
        state: { is: "active" },
        createdAt: now,
        updatedAt: now,
        version: 1,
      };
      await tx.insertServiceUser(value);
      await tx.requireEnforcement(principalOf(value));
      await tx.audit({
        accountId,
        action: "service_user.create",
        targetId: value.id,
        detail: { name: value.name },
      });
      return { resourceId: value.id, value };
    },
    signal,
  );
  const created = outcome.repeated
    ? await deps.serviceUsers.find(accountId, { id: parseServiceUserId(outcome.resourceId) }, signal)
    : outcome.value;
  if (created === undefined) throw serviceUserNotFound(); // a repeat, after it was deleted
  await confirmEnforced(deps, { accountId, principalId: created.id }, signal);
  return created;
}
