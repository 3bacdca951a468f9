import { DomainError } from "@portcullis/errors";
import { type AccountId, type PrincipalId, parsePrincipalId } from "./ids.ts";
import type { Actor } from "./mutation.ts";
import type { OwnerPolicy } from "./ports.ts";

/** What it takes to name another owner than oneself (contracts/ngrok.md §1.2, Ownership). */
export const assignPermission = "credential.owners.assign";
/** What is enough for service users: who manages them gives them credentials, and can't so become a person. */
export const assignServicePermission = "credential.service_owners.assign";

export interface OwnerRequest {
  readonly actor: Actor;
  readonly accountId: AccountId;
  /** The actor is a super administrator or a service, who may name anybody. */
  readonly isUnrestricted: boolean;
  /** As requested; empty for oneself. */
  readonly ownerText: string;
}

/**
 * Who is to own a new credential. PERMISSION_DENIED for another owner than oneself, whether there is one or
 * not; PRINCIPAL_NOT_FOUND for what can't be an owner, and for oneself where one is nobody: services have no
 * account, and a super administrator is at home in one only.
 */
export async function resolveOwner(
  policy: OwnerPolicy,
  { actor, accountId, isUnrestricted, ownerText }: OwnerRequest,
  signal: AbortSignal,
): Promise<PrincipalId> {
  const self = actor.kind === "principal" && actor.accountId === accountId ? actor.principalId : "";
  const named = ownerText === "" ? self : ownerText;
  if (named === "") {
    throw new DomainError("PRINCIPAL_NOT_FOUND", "You are no user of this account: name the owner.");
  }
  const owner = named.startsWith("svc_") ? "service_user" : "anybody";
  if (named !== self && !isUnrestricted && !(await policy.mayAssign(actor, accountId, owner, signal))) {
    throw new DomainError(
      "PERMISSION_DENIED",
      `To create a credential for somebody else needs the permission ${assignPermission}, which you don't have. Leave the owner empty for one of your own.`,
      { metadata: { permission: assignPermission } },
    );
  }
  return parsePrincipalId(named);
}
