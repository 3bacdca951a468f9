import { DomainError } from "@portcullis/errors";
import { requireActiveAccount } from "./account.ts";
import type { AclRule } from "./acl.ts";
import { type Credential, isExpired } from "./credential.ts";
import { getCredential } from "./get-credential.ts";
import { type AccountId, parseCredentialId, principalNotFound } from "./ids.ts";
import type { IpRange } from "./ip-range.ts";
import type { Mutation } from "./mutation.ts";
import type { Clock, CredentialStore, NewId, OwnerPolicy, PlanFeatures, UnitOfWork } from "./ports.ts";
import { aclFailure } from "./require-acls.ts";
import { resolveOwner } from "./resolve-owner.ts";

export interface CreateCredentialDeps {
  readonly unitOfWork: UnitOfWork;
  readonly credentials: CredentialStore;
  readonly owners: OwnerPolicy;
  readonly plans: PlanFeatures;
  readonly clock: Clock;
  readonly newId: NewId;
}

/** What the creation of every kind of credential asks for. */
export interface CreateCredentialCommand {
  readonly mutation: Mutation;
  readonly accountId: AccountId;
  readonly isUnrestricted: boolean;
  readonly ownerText: string;
  readonly description: string;
  readonly metadata: string;
  readonly aclRules: readonly AclRule[];
  readonly allowedIpRanges: readonly IpRange[];
  readonly expiresAt: Date | undefined;
}

/** What is made anew for each credential: how it is found and proven, and the secret that is shown once. */
export type Proven = Pick<Credential, "locator" | "proof"> & { readonly token: string | undefined };

export interface CreatedCredential {
  readonly credential: Credential;
  /** Undefined for SSH keys, and for a repeated request: the secret is told once. */
  readonly token: string | undefined;
}

/**
 * Creates a credential for an owner who is not deleted, however it comes: a deletion that is decided meanwhile
 * either prevents the credential or takes it along. A repeat answers with the credential as it is now.
 * PERMISSION_DENIED, PRINCIPAL_NOT_FOUND, ACCOUNT_SUSPENDED, EXPIRY_IN_PAST, PLAN_FEATURE_MISSING; CREDENTIAL_NOT_FOUND for a repeat after its deletion.
 */
export async function createCredential(
  deps: CreateCredentialDeps,
  command: CreateCredentialCommand,
  prove: () => Proven,
  signal: AbortSignal,
): Promise<CreatedCredential> {
  const { accountId, mutation } = command;
  const ownerId = await resolveOwner(deps.owners, { ...command, actor: mutation.actor }, signal);
  const failure = await aclFailure(deps.plans, accountId, command.aclRules, signal);
  const outcome = await deps.unitOfWork.once(
    mutation,
    async (tx) => {
      if (failure !== undefined) throw failure;
      requireActiveAccount(await tx.holdAccount(accountId));
      const owner = await tx.holdPrincipal({ accountId, principalId: ownerId });
      if (owner === undefined || owner.state === "deleted") throw principalNotFound();
      const now = deps.clock();
      // Not before: a repeat is answered, even if the credential has expired since.
      requireFuture(command, now);
      const { token, ...proven } = prove();
      const credential: Credential = {
        ...proven,
        accountId,
        id: parseCredentialId(deps.newId("cred")),
        ownerId,
        description: command.description,
        metadata: command.metadata,
        aclRules: command.aclRules,
        allowedIpRanges: command.allowedIpRanges,
        expiresAt: command.expiresAt,
        createdAt: now,
        updatedAt: now,
        revokedAt: undefined,
        version: 1,
      };
      await tx.insertCredential(credential);
      await tx.audit({
        accountId,
        action: "credential.create",
        targetId: credential.id,
        detail: { kind: credential.proof.kind, ownerId, locator: credential.locator },
      });
      return { resourceId: credential.id, value: { credential, token } };
    },
    signal,
  );
  if (!outcome.repeated) return outcome.value;
  const credential = await getCredential(deps, accountId, parseCredentialId(outcome.resourceId), signal);
  return { credential, token: undefined };
}

function requireFuture(command: CreateCredentialCommand, now: Date): void {
  if (!isExpired(command, now)) return;
  throw new DomainError("EXPIRY_IN_PAST", "The expiry is not in the future. Choose a later one, or none.");
}
