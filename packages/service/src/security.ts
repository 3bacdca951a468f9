import type { Caller, PrincipalCaller } from "./caller.ts";

/** Proves who holds an API key or a session. */
export interface ApiKeyAuthenticator {
  /**
   * The principal that the credential belongs to. Throws DomainError of kind `unauthenticated` for any that is
   * not good at this moment, `exhausted` for a throttled one, and `unavailable` when that can't be known.
   */
  authenticate(
    apiKey: string,
    peerAddress: string | undefined,
    signal: AbortSignal,
    /** As the caller calls itself; only told on. */
    userAgent?: string,
  ): Promise<PrincipalCaller>;
}

/** What a principal may do, in one account. */
export interface Decision {
  readonly allowed: boolean;
  /** The principal is a super administrator, who may do everything everywhere. */
  readonly superAdmin: boolean;
}

/** Decides what principals may do. */
export interface Authorizer {
  /** Whether the caller holds the permission in the account. Throws `unavailable` when that can't be known. */
  decide(
    caller: PrincipalCaller,
    permission: string,
    accountId: string,
    signal: AbortSignal,
  ): Promise<Decision>;
}

/** For the log: who it was, in one word. */
export function callerName(caller: Caller): string {
  switch (caller.kind) {
    case "principal":
      return caller.principalId;
    case "workload":
      return `workload:${caller.name}`;
  }
}
