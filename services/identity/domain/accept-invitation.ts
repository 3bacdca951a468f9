import { DomainError } from "@portcullis/errors";
import { confirmEnforced, type EnforcementDeps } from "./enforcement.ts";
import { parseAccountId, parseMemberId } from "./ids.ts";
import { isOpen, parseSubject, subjectOf } from "./invitation.ts";
import { linkInvalid } from "./link-invalid.ts";
import { type Member, principalOfMember } from "./member.ts";
import type { Mutation } from "./mutation.ts";
import { newMember } from "./new-people.ts";
import type { PeopleDeps } from "./people-ports.ts";
import type { Tx } from "./ports.ts";
import { ownUser, type Self } from "./self.ts";
import { digestOf, emailKeyOf, type User } from "./user.ts";

/**
 * Makes the caller a member by the link of an invitation; when it has returned, every enforcer knows the member.
 * LINK_INVALID, INVITATION_EMAIL_MISMATCH, ALREADY_MEMBER, ENFORCEMENT_PENDING.
 */
export async function acceptInvitation(
  deps: PeopleDeps & EnforcementDeps,
  command: { readonly mutation: Mutation; readonly self: Self; readonly token: string },
  signal: AbortSignal,
): Promise<Pick<Member, "accountId" | "id">> {
  const { id } = await ownUser(deps, command.self, signal);
  const outcome = await deps.unitOfWork.once(
    command.mutation,
    async (tx) => {
      const user = await tx.lockUser(id);
      if (user?.emailVerifiedAt === undefined) throw mismatch();
      const value = await joinByLink(deps, tx, user, command.token);
      return { resourceId: `${value.accountId}/${value.id}`, value };
    },
    signal,
  );
  const joined = outcome.repeated ? parseJoined(outcome.resourceId) : outcome.value;
  await confirmEnforced(deps, { accountId: joined.accountId, principalId: joined.id }, signal);
  return joined;
}

/**
 * Part of what makes a person a member, who has proven to have the address or is locked; takes the link off, so
 * that of two at once one joins. LINK_INVALID, INVITATION_EMAIL_MISMATCH, ALREADY_MEMBER.
 */
export async function joinByLink(
  deps: Pick<PeopleDeps, "clock" | "newId">,
  tx: Tx,
  user: User,
  token: string,
): Promise<Member> {
  const subject = await tx.takeLink("accept_invitation", digestOf(token));
  if (subject === undefined) throw linkInvalid();
  const { accountId, id } = parseSubject(subject);
  // Before the invitation, as everybody who needs both does.
  if ((await tx.lockAccount(accountId)) === undefined) throw linkInvalid();
  const invitation = await tx.lockInvitation(accountId, id);
  if (invitation === undefined || !isOpen(invitation, deps.clock())) throw linkInvalid();
  const emailKey = emailKeyOf(user.email);
  if (emailKeyOf(invitation.email) !== emailKey) throw mismatch();
  if ((await tx.lockMemberByEmail(accountId, emailKey)) !== undefined) {
    throw new DomainError("ALREADY_MEMBER", "You are a member of that account already.");
  }
  // Its seat becomes the member's.
  await tx.updateInvitation({ ...invitation, state: "accepted", version: invitation.version + 1 });
  await tx.deleteLinksOf(subjectOf(invitation), "accept_invitation");
  const member = newMember(deps, accountId, user.id);
  await tx.insertMember(member, invitation.grants);
  await tx.requireEnforcement(principalOfMember(member, user));
  await tx.audit({
    accountId,
    action: "invitation.accept",
    targetId: id,
    detail: { userId: user.id, principalId: member.id },
  });
  return member;
}

function parseJoined(resourceId: string): Pick<Member, "accountId" | "id"> {
  const [accountId = "", id = ""] = resourceId.split("/");
  return { accountId: parseAccountId(accountId), id: parseMemberId(id) };
}

function mismatch(): DomainError {
  return new DomainError(
    "INVITATION_EMAIL_MISMATCH",
    "The invitation is for another e-mail address. Sign in with that one.",
  );
}
