import { DomainError } from "@portcullis/errors";

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** `acct_…` */
export type AccountId = Branded<"AccountId">;
/** `svc_…` */
export type ServiceUserId = Branded<"ServiceUserId">;
/** `user_…` */
export type UserId = Branded<"UserId">;

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

/** For ids of our own making only: callers don't name users yet. */
export function parseUserId(text: string): UserId {
  if (!isId(text, "user"))
    throw new DomainError("PRINCIPAL_NOT_FOUND", "There is no such user in this account.");
  return text as UserId;
}

export function accountNotFound(): DomainError {
  return new DomainError("ACCOUNT_NOT_FOUND", "There is no such account, or you can't reach it.");
}

export function serviceUserNotFound(): DomainError {
  return new DomainError("SERVICE_USER_NOT_FOUND", "There is no such service user in this account.");
}
