import { DomainError } from "@portcullis/errors";
import { saveUser } from "./change-user.ts";
import { saveMember } from "./end-member.ts";
import type { Enforced } from "./enforced.ts";
import { confirmAllRevoked, confirmEnforced, type EnforcementDeps } from "./enforcement.ts";
import { type UserId, userNotFound } from "./ids.ts";
import type { Member } from "./member.ts";
import type { Mutation } from "./mutation.ts";
import type { PeopleDeps } from "./people-ports.ts";
import type { Tx } from "./ports.ts";
import type { PrincipalRef } from "./principal.ts";
import type { Revocation } from "./revocation.ts";
import type { User } from "./user.ts";

export interface SuperAdminCommand {
  readonly mutation: Mutation;
  readonly userId: UserId;
}

/**
 * Makes a person a super administrator; when it has returned, every enforcer knows of it for each membership.
 * USER_NOT_FOUND, ENFORCEMENT_PENDING.
 */
export async function addSuperAdmin(
  deps: PeopleDeps & EnforcementDeps,
  command: SuperAdminCommand,
  signal: AbortSignal,
): Promise<void> {
  const refs = await commit(deps, command, true, signal);
  await Promise.all(refs.map((ref) => confirmEnforced(deps, ref, signal)));
}

/** Takes that away; when it has returned, it counts nowhere. USER_NOT_FOUND, LAST_SUPER_ADMIN, ENFORCEMENT_PENDING. */
export async function removeSuperAdmin(
  deps: PeopleDeps & EnforcementDeps,
  command: SuperAdminCommand,
  signal: AbortSignal,
): Promise<Revocation> {
  const refs = await commit(deps, command, false, signal);
  const enforcements = await confirmAllRevoked(deps, refs, signal, isNoSuperAdmin);
  return { accountId: "", operation: actionOf(false), targetId: command.userId, enforcements };
}

function isNoSuperAdmin(enforced: Enforced): boolean {
  return enforced.kind !== "account" && !enforced.superAdmin;
}

function actionOf(superAdmin: boolean): string {
  return superAdmin ? "super_admin.add" : "super_admin.remove";
}

/** Tells what enforcers are told of: each membership of the person. */
async function commit(
  deps: PeopleDeps,
  { mutation, userId }: SuperAdminCommand,
  superAdmin: boolean,
  signal: AbortSignal,
): Promise<readonly PrincipalRef[]> {
  await deps.unitOfWork.once(
    mutation,
    async (tx) => {
      const before = await tx.lockUser(userId);
      if (before === undefined) throw userNotFound();
      if (before.superAdmin !== superAdmin) await change(deps, tx, before, superAdmin);
      return { resourceId: userId, value: undefined };
    },
    signal,
  );
  const members = await deps.members.listOfUser(userId, signal);
  return members.map(({ accountId, id }) => ({ accountId, principalId: id }));
}

async function change(deps: PeopleDeps, tx: Tx, before: User, superAdmin: boolean): Promise<void> {
  if (!superAdmin && (await tx.countSuperAdmins({ user: before.id })) === 0) throw lastSuperAdmin();
  const now = deps.clock();
  const after = await saveUser(tx, before, { superAdmin }, now);
  for (const { accountId, id } of await tx.membersOf(before.id)) {
    const member = await tx.lockMember(accountId, id);
    if (member !== undefined) await saveMember(tx, member, member.state, after, now);
  }
  await tx.audit({
    accountId: "",
    action: actionOf(superAdmin),
    targetId: before.id,
    detail: { email: before.email },
  });
}

/** Before a membership of a super administrator ends or is disabled: somebody must stay who can sign in. */
export async function requireSuperAdminStays(
  tx: Tx,
  user: User,
  ending: Pick<Member, "accountId" | "id">,
): Promise<void> {
  if (user.superAdmin && (await tx.countSuperAdmins({ member: ending })) === 0) throw lastSuperAdmin();
}

/** Around what suspends or ends an account: somebody must stay who can sign in, if there was anybody. */
export async function requireSuperAdminsStay<T>(tx: Tx, work: () => Promise<T>): Promise<T> {
  // Before the account, as everybody does who needs both.
  const before = await tx.countSuperAdmins();
  const changed = await work();
  if (before > 0 && (await tx.countSuperAdmins()) === 0) throw lastSuperAdmin();
  return changed;
}

function lastSuperAdmin(): DomainError {
  return new DomainError(
    "LAST_SUPER_ADMIN",
    "The installation would be left without a super administrator who can sign in. Add another one first.",
  );
}
