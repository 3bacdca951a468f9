import { DomainError } from "@portcullis/errors";

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** `acct_…` */
export type AccountId = Branded<"AccountId">;
/** `cred_…` */
export type CredentialId = Branded<"CredentialId">;
/** `user_…` or `svc_…` */
export type PrincipalId = Branded<"PrincipalId">;

/** A UUIDv7 in base32, as newId makes them after the prefix. */
const suffix = /^[0-7][0-9a-hjkmnp-tv-z]{25}$/;

function isId(text: string, prefix: string): boolean {
  return text.startsWith(`${prefix}_`) && suffix.test(text.slice(prefix.length + 1));
}

/** What is no id of an account can't be the id of an account: ACCOUNT_NOT_FOUND. */
export function parseAccountId(text: string): AccountId {
  if (!isId(text, "acct")) {
    throw new DomainError("ACCOUNT_NOT_FOUND", "There is no such account, or you can't reach it.");
  }
  return text as AccountId;
}

/** As parseAccountId, for credentials: CREDENTIAL_NOT_FOUND. */
export function parseCredentialId(text: string): CredentialId {
  if (!isCredentialId(text)) throw credentialNotFound();
  return text;
}

export function isCredentialId(text: string): text is CredentialId {
  return isId(text, "cred");
}

/** As parseAccountId, for users and service users: PRINCIPAL_NOT_FOUND. */
export function parsePrincipalId(text: string): PrincipalId {
  if (!isPrincipalId(text)) throw principalNotFound();
  return text;
}

export function isPrincipalId(text: string): text is PrincipalId {
  return isId(text, "user") || isId(text, "svc");
}

export function credentialNotFound(): DomainError {
  return new DomainError("CREDENTIAL_NOT_FOUND", "There is no such credential in this account.");
}

export function sessionNotFound(): DomainError {
  return new DomainError("SESSION_NOT_FOUND", "There is no such session, or it has ended.");
}

export function principalNotFound(): DomainError {
  return new DomainError("PRINCIPAL_NOT_FOUND", "There is no such user or service user in this account.");
}
