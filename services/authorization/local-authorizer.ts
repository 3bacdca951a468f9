import type { Authorizer } from "@portcullis/service";
import { type CheckDeps, check } from "./domain/check.ts";
import { parsePrincipalRef } from "./domain/ids.ts";

/** Decides for this service's own callers as `Check` decides for everybody's, without a call over the network. */
export function createLocalAuthorizer(deps: CheckDeps): Authorizer {
  return {
    async decide(caller, permission, accountId, signal) {
      const subject = parsePrincipalRef(caller.accountId, caller.principalId);
      const question = { subject, permission, accountId, object: undefined, minRevision: 0 };
      const { allowed, reason } = await check(deps, { of: "every_account" }, question, signal);
      return { allowed, superAdmin: reason === "super_admin" };
    },
  };
}
