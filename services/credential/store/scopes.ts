import { type Scope, scopeOf } from "@portcullis/coherence";
import type { Credential, Locator } from "../domain/credential.ts";
import type { HeldCredential } from "../domain/held-credential.ts";
import type { AccountId } from "../domain/ids.ts";
import type { SessionSelection } from "../domain/ports.ts";
import type { PrincipalRef } from "../domain/principal.ts";

/** What changes in this service's log are about. */
export const scopeKinds = new Set(["account", "principal", "credential", "locator", "sign_in", "user"]);

export const accountScope = (accountId: AccountId) => scopeOf("account", accountId);
export const principalScope = (ref: PrincipalRef) => scopeOf("principal", ref.accountId, ref.principalId);
export const credentialScope = ({ accountId, id }: Pick<Credential, "accountId" | "id">) =>
  scopeOf("credential", accountId, id);
/** Whether there is anything to be found by it. */
export const locatorScope = (locator: Locator) => scopeOf("locator", locator);
/** Of the sessions that one sign-in has led to. */
const signInScope = (groupId: string) => scopeOf("sign_in", groupId);
/** Of a person's sessions in all accounts. */
const userScope = (userId: string) => scopeOf("user", userId);

/** What it depends on that this credential is as it is, and that it works. */
export function scopesOf(held: HeldCredential): readonly Scope[] {
  const { accountId, ownerId: principalId, session } = held;
  const scopes = [credentialScope(held), principalScope({ accountId, principalId }), accountScope(accountId)];
  if (session === undefined) return scopes;
  return [...scopes, signInScope(session.groupId), userScope(session.userId)];
}

/** More sessions are announced by what they have in common. */
const listedMax = 100;

/** What ends with the sessions that a selection has found. */
export function endedScopes(
  selection: SessionSelection,
  ended: readonly Pick<Credential, "accountId" | "id">[],
): readonly Scope[] {
  if (ended.length <= listedMax) return ended.map(credentialScope);
  switch (selection.of) {
    case "one":
    case "own":
      return ended.map(credentialScope);
    case "principal":
      return [principalScope({ accountId: selection.accountId, principalId: selection.ownerId })];
    case "group":
      return [signInScope(selection.groupId)];
    case "user":
      return [userScope(selection.userId)];
    case "members":
      return [accountScope(selection.accountId)];
  }
}
