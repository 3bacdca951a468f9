import { type AccountId, type InvitationId, invitationNotFound } from "./ids.ts";
import { type Invitation, invitationLifetimeMs, isOpen, noSeat, subjectOf } from "./invitation.ts";
import type { Grant } from "./member.ts";
import type { Mutation } from "./mutation.ts";
import type { PeopleDeps } from "./people-ports.ts";
import { needsRbac, rbacMissing } from "./plan.ts";
import type { Tx } from "./ports.ts";

/** Which invitation to change, on whose behalf. */
export interface InvitationCommand {
  readonly mutation: Mutation;
  readonly isUnrestricted: boolean;
  readonly accountId: AccountId;
  readonly id: InvitationId;
}

/**
 * Sends it again, open for another day. INVITATION_NOT_FOUND, GRANT_ABOVE_OWN_LEVEL, SEAT_LIMIT_REACHED,
 * PLAN_FEATURE_MISSING.
 */
export async function resendInvitation(
  deps: PeopleDeps,
  command: InvitationCommand,
  signal: AbortSignal,
): Promise<Invitation> {
  const { mutation, isUnrestricted, accountId, id } = command;
  const present = await deps.invitations.find(accountId, id, signal);
  if (present === undefined) throw invitationNotFound();
  const { grants } = present;
  await deps.grantPolicy.requireGrantable(
    { actor: mutation.actor, isUnrestricted, accountId, grants },
    signal,
  );
  return change(deps, command, "invitation.resend", signal, async (tx, before) => {
    await tx.deleteLinksOf(subjectOf(before), "accept_invitation");
    const now = deps.clock();
    const free = isOpen(before, now) ? 1 : await tx.countFreeSeats(accountId, now);
    if (free !== undefined && free < 1) throw noSeat();
    if (needsRbac(grants) && !(await tx.hasFeature(accountId, "rbac"))) throw rbacMissing();
    await tx.queueMail("invitation", before.email, subjectOf(before));
    return { ...before, expiresAt: new Date(now.getTime() + invitationLifetimeMs) };
  });
}

/** Changes what it gives; its link goes on to work. INVITATION_NOT_FOUND, GRANT_ABOVE_OWN_LEVEL, PLAN_FEATURE_MISSING. */
export async function updateInvitation(
  deps: PeopleDeps,
  command: InvitationCommand,
  grants: readonly Grant[],
  signal: AbortSignal,
): Promise<Invitation> {
  const { mutation, isUnrestricted, accountId } = command;
  await deps.grantPolicy.requireGrantable(
    { actor: mutation.actor, isUnrestricted, accountId, grants },
    signal,
  );
  return change(deps, command, "invitation.update", signal, async (tx, before) => {
    if (needsRbac(grants) && !(await tx.hasFeature(accountId, "rbac"))) throw rbacMissing();
    return { ...before, grants };
  });
}

/** Takes it back. INVITATION_NOT_FOUND. */
export function revokeInvitation(
  deps: PeopleDeps,
  command: InvitationCommand,
  signal: AbortSignal,
): Promise<Invitation> {
  return change(deps, command, "invitation.revoke", signal, async (tx, before) => {
    await tx.deleteLinksOf(subjectOf(before), "accept_invitation");
    return { ...before, state: "revoked" };
  });
}

async function change(
  deps: PeopleDeps,
  { mutation, accountId, id }: InvitationCommand,
  action: string,
  signal: AbortSignal,
  work: (tx: Tx, before: Invitation) => Promise<Invitation>,
): Promise<Invitation> {
  await deps.unitOfWork.once(
    mutation,
    async (tx) => {
      await tx.lockAccount(accountId);
      const before = await tx.lockInvitation(accountId, id);
      if (before === undefined) throw invitationNotFound();
      const after = await work(tx, before);
      await tx.updateInvitation({ ...after, version: before.version + 1 });
      const { email, grants } = after;
      await tx.audit({ accountId, action, targetId: id, detail: { email, grants } });
      return { resourceId: id, value: undefined };
    },
    signal,
  );
  const changed = await deps.invitations.find(accountId, id, signal);
  if (changed === undefined) throw invitationNotFound();
  return changed;
}
