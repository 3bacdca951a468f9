import { kindOf } from "@portcullis/coherence";
import type { Call } from "../call.ts";

/**
 * Whether a caller may be told that something has changed there, for watchRevocations: of other accounts only what
 * says nothing about them. `ofAccounts` are the kinds of scopes whose first id is an account. What isn't known might be
 * about anything, and is told to all.
 */
export function visibleWithin(ofAccounts: ReadonlySet<string>): (call: Call, scope: string) => boolean {
  return ({ unrestricted, accountId }, scope) => {
    const kind = kindOf(scope);
    if (unrestricted || !ofAccounts.has(kind)) return true;
    const named = scope.slice(kind.length + 1);
    return named === accountId || named.startsWith(`${accountId}/`);
  };
}
