import { kindOf } from "@portcullis/coherence";
import type { Call } from "@portcullis/service";

/** Whose first id is the account. */
const ofAccounts = new Set(["account", "principal", "credential"]);

/**
 * Whether a caller may be told that something has changed there: of other accounts only what says nothing about
 * them. What isn't known here might be about anything, and is told to all.
 */
export function isScopeVisible({ unrestricted, accountId }: Call, scope: string): boolean {
  const kind = kindOf(scope);
  if (unrestricted || !ofAccounts.has(kind)) return true;
  const named = scope.slice(kind.length + 1);
  return named === accountId || named.startsWith(`${accountId}/`);
}
