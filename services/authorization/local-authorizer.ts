import type { Authorizer, PrincipalCaller } from "@portcullis/service";
import { type CheckDeps, checkLater, checkNow, type EvaluatedDecision } from "./domain/check.ts";
import { parsePrincipalRef } from "./domain/ids.ts";

/** Decides for this service's own callers as `Check` decides for everybody's, without a call over the network. */
export function createLocalAuthorizer(deps: CheckDeps): Required<Authorizer> {
  const everywhere = { of: "every_account" } as const;
  return {
    known(caller, permission, accountId) {
      const known = checkNow(deps, everywhere, questionOf(caller, permission, accountId));
      return known && toDecision(known);
    },
    async decide(caller, permission, accountId, signal) {
      const question = questionOf(caller, permission, accountId);
      return toDecision(await checkLater(deps, everywhere, question, signal));
    },
  };
}

function questionOf(caller: PrincipalCaller, permission: string, accountId: string) {
  const subject = parsePrincipalRef(caller.accountId, caller.principalId);
  return { subject, permission, accountId, object: undefined, minRevision: 0 };
}

function toDecision({ allowed, reason }: EvaluatedDecision) {
  return { allowed, superAdmin: reason === "super_admin" };
}
