import { isOpenChange, parseChange } from "./email-change.ts";
import { parseUserId, type UserId } from "./ids.ts";
import { isOpen, parseSubject } from "./invitation.ts";
import type { LinkPurpose, QueuedMail } from "./mail.ts";
import {
  addressTakenText,
  alreadyRegisteredText,
  changeEmailText,
  emailChangedText,
  emailChangeRequestedText,
  invitationText,
  type MailText,
  passwordChangedText,
  resetPasswordText,
  secondFactorDisabledText,
  verifyEmailText,
} from "./mail-texts.ts";
import type { Mailer, PeopleDeps } from "./people-ports.ts";
import type { AccountStore } from "./ports.ts";
import { digestOf, emailKeyOf, type User } from "./user.ts";

export type SendMailsDeps = Pick<PeopleDeps, "mails" | "users" | "invitations" | "randomBytes" | "clock"> & {
  readonly accounts: AccountStore;
  readonly mailer: Mailer;
  /** Where links lead, without a slash at the end. */
  readonly publicUrl: string;
};

const batchSize = 16;
const tokenBytes = 32;
const hourMs = 3_600_000;
/** Of one user at once, so that nobody's mailbox is filled. */
const openLinksMax = 3;

const lifetimeMs = {
  verify_email: 24 * hourMs,
  reset_password: hourMs,
  accept_invitation: 24 * hourMs,
  change_email: 24 * hourMs,
} as const satisfies Record<LinkPurpose, number>;

/** Sends the mails that are due once, and tells how many there were. One that fails is due again later. */
export async function sendMailsOnce(
  deps: SendMailsDeps,
  onFailure: (error: unknown) => void,
  signal: AbortSignal,
): Promise<number> {
  const due = await deps.mails.takeDue(batchSize, signal);
  await Promise.all(due.map((mail) => sendOne(deps, mail, signal).catch(onFailure)));
  return due.length;
}

async function sendOne(deps: SendMailsDeps, mail: QueuedMail, signal: AbortSignal): Promise<void> {
  const text = await write(deps, mail, signal);
  if (text !== undefined) await deps.mailer.send({ to: mail.recipient, ...text }, signal);
  await deps.mails.finish(mail.id, signal);
}

/** Undefined: it is not worth to be sent any more. */
async function write(
  deps: SendMailsDeps,
  mail: QueuedMail,
  signal: AbortSignal,
): Promise<MailText | undefined> {
  switch (mail.template) {
    case "verify_email": {
      const user = await activeUser(deps, parseUserId(mail.subjectId), signal);
      if (user === undefined || user.emailVerifiedAt !== undefined) return undefined;
      const link = await newLink(deps, mail, "verify_email", user.id, signal);
      return link === undefined ? undefined : verifyEmailText(link);
    }
    case "reset_password": {
      const user = await deps.users.findByEmail(emailKeyOf(mail.recipient), signal);
      const link = user && (await newLink(deps, mail, "reset_password", user.id, signal));
      return link === undefined ? undefined : resetPasswordText(link);
    }
    case "already_registered":
      return alreadyRegisteredText(deps.publicUrl);
    case "password_changed":
      return passwordChangedText;
    case "second_factor_disabled":
      return secondFactorDisabledText;
    case "invitation":
      return writeInvitation(deps, mail, signal);
    case "change_email":
      return writeChange(deps, mail, signal);
    case "email_change_requested":
      return emailChangeRequestedText;
    case "email_changed":
      return emailChangedText;
  }
}

async function writeChange(
  deps: SendMailsDeps,
  mail: QueuedMail,
  signal: AbortSignal,
): Promise<MailText | undefined> {
  const change = parseChange(mail.subjectId);
  const user = await activeUser(deps, change.userId, signal);
  if (user === undefined || !isOpenChange(change, user)) return undefined;
  const present = await deps.users.findByEmail(emailKeyOf(change.to), signal);
  if (present !== undefined && present.id !== user.id) return addressTakenText;
  const link = await newLink(deps, mail, "change_email", mail.subjectId, signal);
  return link === undefined ? undefined : changeEmailText(link);
}

async function writeInvitation(
  deps: SendMailsDeps,
  mail: QueuedMail,
  signal: AbortSignal,
): Promise<MailText | undefined> {
  const { accountId, id } = parseSubject(mail.subjectId);
  const invitation = await deps.invitations.find(accountId, id, signal);
  const account = await deps.accounts.find(accountId, signal);
  if (invitation === undefined || account === undefined || !isOpen(invitation, deps.clock()))
    return undefined;
  const link = await newLink(deps, mail, "accept_invitation", mail.subjectId, signal);
  return link === undefined ? undefined : invitationText(link, account.displayName);
}

async function activeUser(deps: SendMailsDeps, id: UserId, signal: AbortSignal): Promise<User | undefined> {
  const user = await deps.users.findEvenDeleted(id, signal);
  return user?.state === "active" ? user : undefined;
}

const pathOf = {
  verify_email: "verify-email",
  reset_password: "reset-password",
  accept_invitation: "accept-invitation",
  change_email: "confirm-email-change",
} as const satisfies Record<LinkPurpose, string>;

/** Undefined where it would be past its time already, or too many are open. */
async function newLink(
  deps: SendMailsDeps,
  mail: QueuedMail,
  purpose: LinkPurpose,
  subjectId: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const expiresAt = new Date(mail.createdAt.getTime() + lifetimeMs[purpose]);
  if (expiresAt.getTime() <= deps.clock().getTime()) return undefined;
  if ((await deps.mails.countLinks(subjectId, purpose, mail.id, signal)) >= openLinksMax) return undefined;
  const token = Buffer.from(deps.randomBytes(tokenBytes)).toString("base64url");
  await deps.mails.putLink(mail.id, { purpose, subjectId, tokenHash: digestOf(token), expiresAt }, signal);
  return `${deps.publicUrl}/${pathOf[purpose]}?token=${token}`;
}
