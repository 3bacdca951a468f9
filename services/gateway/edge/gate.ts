import { DomainError } from "@portcullis/errors";
import type { ApiKeyAuthenticator, PrincipalCaller } from "@portcullis/service";
import type { AtOnce } from "../limits/at-once.ts";
import type { RateLimiter } from "../limits/rate-limiter.ts";
import type { Admission } from "../limits/sliding-window.ts";
import type { Exchange } from "./exchange.ts";
import { countedAs } from "./source-address.ts";

export interface GateOptions {
  readonly limiter: RateLimiter;
  readonly accountMax: number;
  readonly sourceMax: number;
  /** Of an account, and of everybody under the one empty key. */
  readonly accountAtOnce: AtOnce;
  readonly allAtOnce: AtOnce;
  readonly authenticator: ApiKeyAuthenticator;
}

/** Who is let in: limits, and proof. All throw DomainError: RATE_LIMITED, or why the credential is not good. */
export interface Gate {
  /** Limits of the source, and whose the bearer token is, where there must be one; noted in the exchange. */
  pass(exchange: Exchange, bearer: string | undefined, signal: AbortSignal): Promise<void>;
  /** As pass, and the limits of the account; the work goes on until `leave` is called. */
  enter(exchange: Exchange, bearer: string, signal: AbortSignal): Promise<Entered>;
}

export interface Entered {
  readonly caller: PrincipalCaller;
  leave(): void;
}

export function createGate(options: GateOptions): Gate {
  const { limiter, accountMax, sourceMax, accountAtOnce, allAtOnce, authenticator } = options;
  const admitSource = async ({ source }: Exchange) => {
    requireAdmitted(await limiter.admit(`source ${countedAs(source)}`, sourceMax), "source");
  };
  const prove = async (exchange: Exchange, bearer: string, signal: AbortSignal) => {
    // A service of the installation has no business here; and no caller's request is ever made with its rights.
    if (bearer.includes(".")) {
      throw new DomainError("CREDENTIALS_INVALID", "The API key or session is not valid.");
    }
    const caller = await authenticator.authenticate(bearer, exchange.source, signal, exchange.userAgent);
    exchange.caller = caller;
    return caller;
  };
  /** Before anything is asked of anybody: a flood ends here. */
  const requireWelcome = ({ source }: Exchange) =>
    requireAdmitted(limiter.refused(`source ${countedAs(source)}`), "source");
  /** Both at once; who comes too often does not learn whether the credential is good. */
  const proveWelcome = async (exchange: Exchange, bearer: string, signal: AbortSignal) => {
    const proof = prove(exchange, bearer, signal);
    proof.catch(() => {}); // met below, unless the source is refused first
    await admitSource(exchange);
    return await proof;
  };
  return {
    async pass(exchange, bearer, signal) {
      requireWelcome(exchange);
      if (bearer === undefined) await admitSource(exchange);
      else await proveWelcome(exchange, bearer, signal);
    },
    async enter(exchange, bearer, signal) {
      requireWelcome(exchange);
      if (!allAtOnce.enter("")) throw rateLimited("at_once", 1_000);
      let accountId: string | undefined;
      const leave = () => {
        allAtOnce.leave("");
        if (accountId !== undefined) accountAtOnce.leave(accountId);
      };
      try {
        const caller = await proveWelcome(exchange, bearer, signal);
        requireAdmitted(await limiter.admit(`account ${caller.accountId}`, accountMax), "account");
        if (!accountAtOnce.enter(caller.accountId)) throw rateLimited("account_at_once", 1_000);
        accountId = caller.accountId;
        return { caller, leave };
      } catch (error) {
        leave();
        throw error;
      }
    },
  };
}

function requireAdmitted(admission: Admission, scope: "account" | "source"): void {
  if (!admission.admitted) throw rateLimited(scope, admission.retryAfterMs);
}

const messages = {
  account: "The account has made too many requests. Try again later.",
  source: "Too many requests come from this address. Try again later.",
  account_at_once: "The account makes too many requests at once. Wait for some to be answered.",
  at_once: "The server has too many requests at once. Try again in a moment.",
};

function rateLimited(scope: keyof typeof messages, retryAfterMs: number): DomainError {
  return new DomainError("RATE_LIMITED", messages[scope], {
    metadata: { scope, retry_after_ms: String(retryAfterMs) },
  });
}
