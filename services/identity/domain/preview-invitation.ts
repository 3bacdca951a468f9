import type { Account } from "./account.ts";
import { type Invitation, isOpen, parseSubject } from "./invitation.ts";
import { linkInvalid } from "./link-invalid.ts";
import type { PeopleDeps } from "./people-ports.ts";
import type { AccountStore } from "./ports.ts";
import { digestOf } from "./user.ts";

/** What the invitation of a link is about. LINK_INVALID. */
export async function previewInvitation(
  deps: PeopleDeps & { readonly accounts: AccountStore },
  token: string,
  signal: AbortSignal,
): Promise<{ readonly invitation: Invitation; readonly account: Account }> {
  const subject = await deps.mails.findLink("accept_invitation", digestOf(token), signal);
  if (subject === undefined) throw linkInvalid();
  const { accountId, id } = parseSubject(subject);
  const invitation = await deps.invitations.find(accountId, id, signal);
  const account = await deps.accounts.find(accountId, signal);
  if (invitation === undefined || account === undefined || !isOpen(invitation, deps.clock())) {
    throw linkInvalid();
  }
  return { invitation, account };
}
