/** What a link in a mail is good for. */
export type LinkPurpose = "verify_email" | "reset_password" | "accept_invitation" | "change_email";

/** A link as it is kept: without its token. */
export interface Link {
  readonly purpose: LinkPurpose;
  readonly subjectId: string;
  readonly tokenHash: Uint8Array;
  readonly expiresAt: Date;
}

/** Which mail it is; its subject is a user, for `invitation` an invitation, for `change_email` that change. */
export const queuedMailTemplates = [
  "verify_email",
  "reset_password",
  "already_registered",
  "password_changed",
  "second_factor_disabled",
  "invitation",
  "change_email",
  "email_change_requested",
  "email_changed",
] as const;

export type QueuedMailTemplate = (typeof queuedMailTemplates)[number];

/** A mail that is to be written and sent. */
export interface QueuedMail {
  readonly id: string;
  readonly template: QueuedMailTemplate;
  readonly recipient: string;
  readonly subjectId: string;
  readonly createdAt: Date;
}
