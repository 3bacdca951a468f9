import { type AccountId, accountNotFound, parseInvitationId } from "./ids.ts";
import { type Invitation, invitationLifetimeMs, isOpen, parseAddress, subjectOf } from "./invitation.ts";
import type { Grant } from "./member.ts";
import type { Mutation } from "./mutation.ts";
import type { PeopleDeps } from "./people-ports.ts";
import { needsRbac, rbacMissing } from "./plan.ts";
import type { Tx } from "./ports.ts";
import { emailKeyOf } from "./user.ts";

export interface CreateInvitationsCommand {
  readonly mutation: Mutation;
  readonly isUnrestricted: boolean;
  readonly accountId: AccountId;
  readonly emails: readonly string[];
  readonly grants: readonly Grant[];
}

/** What came of one address. */
export type InvitationOutcome =
  | { readonly result: "created"; readonly invitationId: string }
  | { readonly result: "invalid_address" | "already_member" | "already_invited" | "no_seat" };

/**
 * Invites each address by itself, as long as there are seats; outcomes stand in the order of the addresses. A
 * repeat answers with the same. ACCOUNT_NOT_FOUND, GRANT_ABOVE_OWN_LEVEL, PLAN_FEATURE_MISSING.
 */
export async function createInvitations(
  deps: PeopleDeps,
  command: CreateInvitationsCommand,
  signal: AbortSignal,
): Promise<readonly InvitationOutcome[]> {
  const { mutation, isUnrestricted, accountId, grants } = command;
  await deps.grantPolicy.requireGrantable(
    { actor: mutation.actor, isUnrestricted, accountId, grants },
    signal,
  );
  const outcome = await deps.unitOfWork.once(
    mutation,
    async (tx) => {
      // Seats are counted by one at a time.
      if ((await tx.lockAccount(accountId)) === undefined) throw accountNotFound();
      if (needsRbac(grants) && !(await tx.hasFeature(accountId, "rbac"))) throw rbacMissing();
      const now = deps.clock();
      let free = (await tx.countFreeSeats(accountId, now)) ?? Number.POSITIVE_INFINITY;
      const outcomes: InvitationOutcome[] = [];
      for (const email of command.emails) {
        const one = await inviteOne(deps, tx, command, email, free, now);
        if (one.result === "created") free--;
        outcomes.push(one);
      }
      return { resourceId: JSON.stringify(outcomes), value: outcomes };
    },
    signal,
  );
  if (!outcome.repeated) return outcome.value;
  // Written by this very function.
  return JSON.parse(outcome.resourceId) as readonly InvitationOutcome[];
}

async function inviteOne(
  deps: PeopleDeps,
  tx: Tx,
  { accountId, grants }: CreateInvitationsCommand,
  text: string,
  free: number,
  now: Date,
): Promise<InvitationOutcome> {
  const email = parseAddress(text);
  if (email === undefined) return { result: "invalid_address" };
  const emailKey = emailKeyOf(email);
  if ((await tx.lockMemberByEmail(accountId, emailKey)) !== undefined) return { result: "already_member" };
  const earlier = await tx.lockInvitationByEmail(accountId, emailKey);
  if (earlier !== undefined && isOpen(earlier, now)) return { result: "already_invited" };
  if (free < 1) return { result: "no_seat" };
  if (earlier !== undefined) await tx.updateInvitation({ ...earlier, state: "revoked" });
  const invitation: Invitation = {
    accountId,
    id: parseInvitationId(deps.newId("inv")),
    email,
    grants,
    state: "pending",
    createdAt: now,
    expiresAt: new Date(now.getTime() + invitationLifetimeMs),
    version: 1,
  };
  await tx.insertInvitation(invitation);
  await tx.queueMail("invitation", email, subjectOf(invitation));
  await tx.audit({
    accountId,
    action: "invitation.create",
    targetId: invitation.id,
    detail: { email, grants },
  });
  return { result: "created", invitationId: invitation.id };
}
