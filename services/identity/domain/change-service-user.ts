import { confirmEnforced, type EnforcementDeps } from "./enforcement.ts";
import { requireEtag } from "./etag.ts";
import { type AccountId, parseServiceUserId, serviceUserNotFound } from "./ids.ts";
import type { Mutation } from "./mutation.ts";
import type { Clock, ServiceUserRef, ServiceUserStore, Tx, UnitOfWork } from "./ports.ts";
import { principalOf, type ServiceUser } from "./service-user.ts";

export interface ChangeServiceUserDeps extends EnforcementDeps {
  readonly unitOfWork: UnitOfWork;
  readonly serviceUsers: ServiceUserStore;
  readonly clock: Clock;
}

/** Which service user to change, on whose behalf. */
export interface ServiceUserCommand {
  readonly mutation: Mutation;
  readonly accountId: AccountId;
  readonly ref: ServiceUserRef;
  /** Undefined: whatever it is. */
  readonly etag: string | undefined;
}

/** A change of some fields: the same object where there is nothing to do. */
export type Change = (serviceUser: ServiceUser) => ServiceUser;

/**
 * Commits one change of a service user, with its audit event and, where its state changed, the debt of every
 * enforcer; returns once all debts for it are paid, those of earlier calls included. A change that changes
 * nothing commits nothing and still waits for what is owed.
 */
export async function changeServiceUser(
  deps: ChangeServiceUserDeps,
  command: ServiceUserCommand,
  action: string,
  change: Change,
  signal: AbortSignal,
): Promise<ServiceUser> {
  const outcome = await deps.unitOfWork.once(
    command.mutation,
    async (tx) => {
      const before = await tx.lockServiceUser(command.accountId, command.ref);
      if (before === undefined) throw serviceUserNotFound();
      requireEtag(before, command.etag);
      const after = change(before);
      const value = after === before ? before : await save(tx, before, after, action, deps.clock());
      return { resourceId: value.id, value };
    },
    signal,
  );
  const changed = outcome.repeated
    ? await deps.serviceUsers.findEvenDeleted(
        command.accountId,
        parseServiceUserId(outcome.resourceId),
        signal,
      )
    : outcome.value;
  if (changed === undefined) throw serviceUserNotFound();
  await confirmEnforced(deps, { accountId: changed.accountId, principalId: changed.id }, signal);
  return changed;
}

async function save(
  tx: Tx,
  before: ServiceUser,
  after: ServiceUser,
  action: string,
  now: Date,
): Promise<ServiceUser> {
  const saved = { ...after, version: before.version + 1, updatedAt: now };
  await tx.updateServiceUser(saved);
  if (saved.state !== before.state) await tx.requireEnforcement(principalOf(saved));
  await tx.audit({
    accountId: saved.accountId,
    action,
    targetId: saved.id,
    detail: { name: saved.name, state: saved.state.is, version: saved.version },
  });
  return saved;
}
