/**
 * Names something that answers depend on, e.g. `principal:acct_1/svc_2`: a kind, a colon, and what it is. A change
 * is announced by the scopes that it touches, a remembered value lists the scopes that it depends on.
 */
export type Scope = string & { readonly __brand: "Scope" };

/** Longer ones are not written: the log's rows and what is sent stay small. Characters. */
const lengthMax = 512;

/** What every remembered value depends on: for a change that touches more than can be listed. */
export const everything = "*" as Scope;

/** Throws for a kind or id that can't be told apart in a scope's text: a fault of the program. */
export function scopeOf(kind: string, ...ids: readonly string[]): Scope {
  const scope = `${kind}:${ids.join("/")}`;
  if (!/^[a-z_]+$/.test(kind) || scope.length > lengthMax) throw new Error(`${scope} can be no scope`);
  return scope as Scope;
}

/** The kind of a scope; empty for a text that is none. */
export function kindOf(scope: string): string {
  return scope.slice(0, Math.max(0, scope.indexOf(":")));
}
