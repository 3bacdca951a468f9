import type { PrincipalCaller } from "../caller.ts";
import type { ApiKeyAuthenticator, Authorizer, Decision } from "../security.ts";

/** An authenticator that can often tell at once. */
export interface LocalAuthenticator extends ApiKeyAuthenticator {
  /** What `authenticate` would answer at this moment, or throw, if memory can tell; undefined: it must be waited for. */
  recall(
    apiKey: string,
    peerAddress: string | undefined,
    userAgent: string | undefined,
  ): PrincipalCaller | undefined;
}

/**
 * Decides what principals may do, at once where that is known. Whoever implements it by remembering owes what the
 * services promise: a decision that was taken back is not known any more once the call that took it back has
 * returned. A follower of authorization's WatchRevocations under its lease can do so; a lease of time alone can't.
 */
export interface Admission extends Authorizer {
  /** What `decide` would answer at this moment; undefined: it must be asked. */
  known(caller: PrincipalCaller, permission: string, accountId: string): Decision | undefined;
}

/** Remembers nothing: each call asks. */
export function askingAdmission(authorizer: Authorizer): Admission {
  return {
    known: () => undefined,
    decide: (caller, permission, accountId, signal) =>
      authorizer.decide(caller, permission, accountId, signal),
  };
}
