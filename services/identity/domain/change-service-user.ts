import { confirmEnforced, confirmRevoked, type EnforcementDeps } from "./enforcement.ts";
import { requireEtag } from "./etag.ts";
import { type AccountId, parseServiceUserId, serviceUserNotFound } from "./ids.ts";
import type { Mutation } from "./mutation.ts";
import type { Clock, ServiceUserRef, ServiceUserStore, Tx, UnitOfWork } from "./ports.ts";
import type { PrincipalRef } from "./principal.ts";
import type { Revoked } from "./revocation.ts";
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
  const changed = await commit(deps, command, action, change, signal);
  await confirmEnforced(deps, refOf(changed), signal);
  return changed;
}

/** As changeServiceUser, for a change that takes access away: with what every enforcer says of it. */
export async function revokeServiceUser(
  deps: ChangeServiceUserDeps,
  command: ServiceUserCommand,
  operation: string,
  change: Change,
  signal: AbortSignal,
): Promise<Revoked<ServiceUser>> {
  const value = await commit(deps, command, operation, change, signal);
  const enforcements = await confirmRevoked(deps, refOf(value), signal);
  return { value, revocation: { accountId: value.accountId, operation, targetId: value.id, enforcements } };
}

async function commit(
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
  if (!outcome.repeated) return outcome.value;
  const id = parseServiceUserId(outcome.resourceId);
  const changed = await deps.serviceUsers.findEvenDeleted(command.accountId, id, signal);
  if (changed === undefined) throw serviceUserNotFound();
  return changed;
}

function refOf({ accountId, id }: ServiceUser): PrincipalRef {
  return { accountId, principalId: id };
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
