import type { Caller, PrincipalCaller } from "./caller.ts";
import type { WorkloadKey } from "./workload-token.ts";

/** What a server proves its callers by. */
export interface SecurityDeps {
  /** This service's name: what workload tokens for it are made out to. */
  readonly serviceName: string;
  readonly workloadKey: WorkloadKey;
  readonly apiKeys: ApiKeyAuthenticator;
  readonly authorizer: Authorizer;
  /** A call ends after this long, in milliseconds, or by its own deadline if that is sooner. */
  readonly callTimeoutMs: number;
}

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
  /** What `authenticate` would answer at this moment, or throw, if memory can tell; undefined: it must be waited for. */
  recall?(
    apiKey: string,
    peerAddress: string | undefined,
    userAgent: string | undefined,
  ): PrincipalCaller | undefined;
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
  /**
   * What `decide` would answer at this moment; undefined: it must be asked. Whoever implements it by remembering owes
   * what the services promise: a decision that was taken back is not known any more once the call that took it back
   * has returned. A follower of authorization's WatchRevocations under its lease can do so; a lease of time alone can't.
   */
  known?(caller: PrincipalCaller, permission: string, accountId: string): Decision | undefined;
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
