import { DomainError } from "@portcullis/errors";
import { type AclRule, formatAclRule } from "./acl.ts";
import { type ChangeCredentialDeps, type CredentialCommand, changeCredential } from "./change-credential.ts";
import type { Credential } from "./credential.ts";
import type { Effective } from "./effect.ts";
import type { IpRange } from "./ip-range.ts";
import type { PlanFeatures } from "./ports.ts";
import { aclFailure } from "./require-acls.ts";

/** New values; absent ones stay. */
export interface CredentialChanges {
  readonly description?: string;
  readonly metadata?: string;
  readonly aclRules?: readonly AclRule[];
  readonly allowedIpRanges?: readonly IpRange[];
}

/** Describes or restricts anew. ACL_NOT_SUPPORTED for the ACL of an API key, CREDENTIAL_REVOKED, PLAN_FEATURE_MISSING. */
export async function updateCredential(
  deps: ChangeCredentialDeps & { readonly plans: PlanFeatures },
  command: CredentialCommand,
  changes: CredentialChanges,
  signal: AbortSignal,
): Promise<Effective<Credential>> {
  const failure = await aclFailure(deps.plans, command.accountId, changes.aclRules ?? [], signal);
  const change = (before: Credential) => {
    requireUpdatable(before, changes);
    const fields = changedFields(before, changes);
    // Rules from before a change of the plan stay, and may be sent along.
    if (failure !== undefined && fields.includes("acl_rules")) throw failure;
    return fields.length === 0 ? undefined : { after: { ...before, ...changes }, detail: { fields } };
  };
  return changeCredential(deps, command, "credential.update", change, signal);
}

function requireUpdatable(credential: Credential, changes: CredentialChanges): void {
  if (credential.revokedAt !== undefined) {
    throw new DomainError("CREDENTIAL_REVOKED", "The credential was revoked. Delete it, or create another.");
  }
  if (credential.proof.kind === "api_key" && changes.aclRules !== undefined) {
    throw new DomainError(
      "ACL_NOT_SUPPORTED",
      "API keys have no ACL: what they may do is decided by their owner's permissions.",
    );
  }
}

/** By their names, for the audit: the values may be long, and nobody's business. */
function changedFields(before: Credential, changes: CredentialChanges): readonly string[] {
  const { description = before.description, metadata = before.metadata } = changes;
  const { aclRules = before.aclRules, allowedIpRanges = before.allowedIpRanges } = changes;
  const isChanged = {
    description: description !== before.description,
    metadata: metadata !== before.metadata,
    acl_rules: !sameTexts(aclRules.map(formatAclRule), before.aclRules.map(formatAclRule)),
    allowed_ip_ranges: !sameTexts(
      allowedIpRanges.map(({ text }) => text),
      before.allowedIpRanges.map(({ text }) => text),
    ),
  };
  return Object.entries(isChanged).flatMap(([field, changed]) => (changed ? [field] : []));
}

function sameTexts(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((text, at) => text === b[at]);
}
