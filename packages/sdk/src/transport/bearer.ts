/** What this program proves itself with: an API key, or a source of short-lived tokens, asked before each call. */
export type Bearer =
  | { readonly apiKey: string; readonly token?: never }
  | { readonly token: () => string | Promise<string>; readonly apiKey?: never };

/** The bearer token, at once where there is one. */
export function tokenOf(bearer: Bearer): string | Promise<string> {
  return bearer.apiKey ?? bearer.token();
}
