import { DomainError } from "@portcullis/errors";

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** `acct_…` */
export type AccountId = Branded<"AccountId">;
/** `svc_…` */
export type ServiceUserId = Branded<"ServiceUserId">;
/** `user_…`: a person. */
export type UserId = Branded<"UserId">;
/** `user_…`: a person within an account, a principal. Another id than the person's (docs/adr/0005). */
export type MemberId = Branded<"MemberId">;
/** `inv_…` */
export type InvitationId = Branded<"InvitationId">;

/** A prefix and a UUIDv7 in base32, as newId makes them. */
const suffix = /^[0-7][0-9a-hjkmnp-tv-z]{25}$/;

function isId(text: string, prefix: string): boolean {
  return text.startsWith(`${prefix}_`) && suffix.test(text.slice(prefix.length + 1));
}

/** What is no id of an account can't be the id of an account: ACCOUNT_NOT_FOUND. */
export function parseAccountId(text: string): AccountId {
  if (!isId(text, "acct")) throw accountNotFound();
  return text as AccountId;
}

/** As parseAccountId, for service users: SERVICE_USER_NOT_FOUND. */
export function parseServiceUserId(text: string): ServiceUserId {
  if (!isId(text, "svc")) throw serviceUserNotFound();
  return text as ServiceUserId;
}

/** As parseAccountId, for people: USER_NOT_FOUND. */
export function parseUserId(text: string): UserId {
  if (!isId(text, "user")) throw userNotFound();
  return text as UserId;
}

/** As parseAccountId, for members: PRINCIPAL_NOT_FOUND. */
export function parseMemberId(text: string): MemberId {
  if (!isId(text, "user")) throw memberNotFound();
  return text as MemberId;
}

/** As parseAccountId, for invitations: INVITATION_NOT_FOUND. */
export function parseInvitationId(text: string): InvitationId {
  if (!isId(text, "inv")) throw invitationNotFound();
  return text as InvitationId;
}

export function invitationNotFound(): DomainError {
  return new DomainError("INVITATION_NOT_FOUND", "There is no such invitation in this account.");
}

export function userNotFound(): DomainError {
  return new DomainError("USER_NOT_FOUND", "There is no such user.");
}

export function memberNotFound(): DomainError {
  return new DomainError("PRINCIPAL_NOT_FOUND", "There is no such user in this account.");
}

export function accountNotFound(): DomainError {
  return new DomainError("ACCOUNT_NOT_FOUND", "There is no such account, or you can't reach it.");
}

export function serviceUserNotFound(): DomainError {
  return new DomainError("SERVICE_USER_NOT_FOUND", "There is no such service user in this account.");
}
