import type { Insertable, Selectable } from "kysely";
import { parseAccountId, parseInvitationId, parseMemberId, parseUserId } from "../domain/ids.ts";
import type { Invitation } from "../domain/invitation.ts";
import { type QueuedMail, type QueuedMailTemplate, queuedMailTemplates } from "../domain/mail.ts";
import type { Member } from "../domain/member.ts";
import type { AccountSessionsEnd, SessionsEnd } from "../domain/people-ports.ts";
import { emailKeyOf, type User } from "../domain/user.ts";
import type {
  InvitationsTable,
  MailOutboxTable,
  MembershipsTable,
  PendingSessionEndsTable,
  UsersTable,
} from "./schema.ts";

export function toUser(row: Selectable<UsersTable>): User {
  return {
    id: parseUserId(row.id),
    email: row.email,
    displayName: row.display_name,
    state: row.state,
    superAdmin: row.super_admin,
    emailVerifiedAt: row.email_verified_at ?? undefined,
    passwordHash: row.password_hash ?? undefined,
    totp:
      row.totp_secret === null
        ? undefined
        : {
            sealedSecret: row.totp_secret,
            confirmedAt: row.totp_confirmed_at ?? undefined,
            lastStep: row.totp_last_step,
          },
    secretsVersion: row.secrets_version,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    version: row.version,
  };
}

export function fromUser(user: User): UsersTable {
  return {
    id: user.id,
    email: user.email,
    email_key: user.state === "deleted" ? null : emailKeyOf(user.email),
    super_admin: user.superAdmin,
    created_at: user.createdAt,
    display_name: user.displayName,
    state: user.state,
    email_verified_at: user.emailVerifiedAt ?? null,
    password_hash: user.passwordHash ?? null,
    secrets_version: user.secretsVersion,
    totp_secret: user.totp?.sealedSecret ?? null,
    totp_confirmed_at: user.totp?.confirmedAt ?? null,
    totp_last_step: user.totp?.lastStep ?? 0,
    updated_at: user.updatedAt,
    version: user.version,
  };
}

export function toMember(row: Selectable<MembershipsTable>): Member {
  return {
    accountId: parseAccountId(row.account_id),
    id: parseMemberId(row.principal_id),
    userId: parseUserId(row.user_id),
    state: row.state,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    version: row.version,
  };
}

export function fromMember(member: Member): Insertable<MembershipsTable> {
  return {
    account_id: member.accountId,
    principal_id: member.id,
    user_id: member.userId,
    state: member.state,
    created_at: member.createdAt,
    updated_at: member.updatedAt,
    version: member.version,
  };
}

export function toAccountSessionsEnd(row: Selectable<PendingSessionEndsTable>): AccountSessionsEnd {
  return {
    accountId: parseAccountId(row.account_id),
    userId: parseUserId(row.user_id),
    version: row.account_version,
  };
}

export function toSessionsEnd(row: Selectable<PendingSessionEndsTable>): SessionsEnd {
  return {
    userId: parseUserId(row.user_id),
    belowSecretsVersion: row.below_secrets_version,
    exceptGroupId: row.except_group_id,
  };
}

export function toQueuedMail(row: Omit<Selectable<MailOutboxTable>, "attempts" | "due_at">): QueuedMail {
  if (!isTemplate(row.template)) throw new Error(`there is no mail ${row.template}`);
  return {
    id: row.id,
    template: row.template,
    recipient: row.recipient,
    subjectId: row.subject_id,
    createdAt: row.created_at,
  };
}

function isTemplate(text: string): text is QueuedMailTemplate {
  return queuedMailTemplates.some((template) => template === text);
}

export function toInvitation(row: Selectable<InvitationsTable>): Invitation {
  return {
    accountId: parseAccountId(row.account_id),
    id: parseInvitationId(row.id),
    email: row.email,
    grants: row.grants,
    state: row.state,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    version: row.version,
  };
}

export function fromInvitation(invitation: Invitation): Insertable<InvitationsTable> {
  return {
    account_id: invitation.accountId,
    id: invitation.id,
    email: invitation.email,
    email_key: emailKeyOf(invitation.email),
    grants: JSON.stringify(invitation.grants),
    state: invitation.state,
    created_at: invitation.createdAt,
    expires_at: invitation.expiresAt,
    version: invitation.version,
  };
}
