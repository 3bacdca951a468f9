import { DomainError } from "@portcullis/errors";

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** `acct_…` */
export type AccountId = Branded<"AccountId">;
/** `user_…` or `svc_…` */
export type PrincipalId = Branded<"PrincipalId">;

/** Names a principal: a user is a different one in each account. */
export interface PrincipalRef {
  readonly accountId: AccountId;
  readonly principalId: PrincipalId;
}

/** Ids are made by other services, so only their alphabet is held to. */
const idPattern = /^[A-Za-z0-9_-]{1,64}$/;

/** Whether there could be an account with that id. */
export function isAccountId(text: string): text is AccountId {
  return idPattern.test(text);
}

/** What can't be an id is no account's: ACCOUNT_NOT_FOUND. So for services, which must name one, and did not. */
export function parseAccountId(text: string): AccountId {
  if (isAccountId(text)) return text;
  throw accountNotFound();
}

export function accountNotFound(): DomainError {
  return new DomainError("ACCOUNT_NOT_FOUND", "There is no such account, or you can't reach it.");
}

/** Undefined for a text that can't be an id: there is no such principal. */
export function parsePrincipalId(text: string): PrincipalId | undefined {
  return idPattern.test(text) ? (text as PrincipalId) : undefined;
}

/** As parsePrincipalId, for the pair. */
export function parsePrincipalRef(accountId: string, principalId: string): PrincipalRef | undefined {
  const parsed = parsePrincipalId(principalId);
  if (parsed === undefined || !idPattern.test(accountId)) return undefined;
  return { accountId: accountId as AccountId, principalId: parsed };
}

/** The group that every principal is in, in every account. It has no row anywhere. */
export const everyoneId = "grp_everyone";

/** What belongs to the whole installation is audited under this account, which nobody has. */
export const installationScope = "" as AccountId;
