import { requireDispensable, saveMember } from "./end-member.ts";
import { confirmEnforced, confirmRevoked, type EnforcementDeps } from "./enforcement.ts";
import { requireEtag } from "./etag.ts";
import { type AccountId, type MemberId, memberNotFound, parseMemberId } from "./ids.ts";
import { noSeat } from "./invitation.ts";
import type { Member } from "./member.ts";
import type { Mutation } from "./mutation.ts";
import type { MemberChange, MemberProfile, PeopleDeps } from "./people-ports.ts";
import type { Tx } from "./ports.ts";
import type { Revoked } from "./revocation.ts";
import { requireSuperAdminStays } from "./super-admin.ts";

/** Which membership to change, on whose behalf. */
export interface MemberCommand {
  readonly mutation: Mutation;
  readonly isUnrestricted: boolean;
  readonly accountId: AccountId;
  readonly id: MemberId;
  /** Undefined: whatever it is. */
  readonly etag: string | undefined;
}

interface MemberPrincipal {
  readonly accountId: AccountId;
  readonly principalId: MemberId;
}

const stateAfter = {
  disable: "inactive",
  enable: "active",
  remove: "deleted",
  leave: "deleted",
} as const satisfies Record<MemberChange, Member["state"]>;

/** Lets a disabled member in again; when it has returned, every enforcer knows. As `commit`; SEAT_LIMIT_REACHED. */
export async function enableMember(
  deps: PeopleDeps & EnforcementDeps,
  command: MemberCommand,
  signal: AbortSignal,
): Promise<MemberProfile> {
  const ref = await commit(deps, command, "enable", signal);
  await confirmEnforced(deps, ref, signal);
  return profileOf(deps, ref, signal);
}

/**
 * Takes a member's access away; when it has returned, it is refused everywhere. As `commit`; LAST_ADMINISTRATOR,
 * LAST_SUPER_ADMIN.
 */
export async function revokeMember(
  deps: PeopleDeps & EnforcementDeps,
  command: MemberCommand,
  change: Exclude<MemberChange, "enable">,
  signal: AbortSignal,
): Promise<Revoked<MemberProfile>> {
  const ref = await commit(deps, command, change, signal);
  const enforcements = await confirmRevoked(deps, ref, signal);
  const { accountId, principalId: targetId } = ref;
  const revocation = { accountId, operation: actionOf(change), targetId, enforcements };
  return { value: await profileOf(deps, ref, signal), revocation };
}

/**
 * Commits a change of a membership, with its audit event and the debt of every enforcer; to change nothing commits
 * nothing. PRINCIPAL_NOT_FOUND, ADMINISTRATOR_REQUIRED, ETAG_MISMATCH.
 */
async function commit(
  deps: PeopleDeps,
  command: MemberCommand,
  change: MemberChange,
  signal: AbortSignal,
): Promise<MemberPrincipal> {
  const { mutation, accountId, id, isUnrestricted } = command;
  const target = await deps.members.findEvenEnded(accountId, id, signal);
  if (target === undefined) throw memberNotFound();
  await deps.memberGuard.check({ actor: mutation.actor, isUnrestricted, target, change }, signal);
  const outcome = await deps.unitOfWork.once(
    mutation,
    async (tx) => {
      // The person first, as everybody does who locks both.
      const user = await tx.lockUser(target.userId);
      const before = await tx.lockMember(accountId, id);
      if (user === undefined || before === undefined) throw memberNotFound();
      requireEtag(before, command.etag);
      const state = stateAfter[change];
      if (state !== before.state) {
        if (before.state === "active") {
          await requireSuperAdminStays(tx, user, before);
          await requireDispensable(deps.memberGuard, tx, before, signal);
        } else if (state === "active") await requireSeat(tx, before, deps.clock());
        const after = await saveMember(tx, before, state, user, deps.clock());
        await tx.audit({
          accountId,
          action: actionOf(change),
          targetId: id,
          detail: { userId: after.userId, state, version: after.version },
        });
      }
      return { resourceId: id, value: id };
    },
    signal,
  );
  return { accountId, principalId: outcome.repeated ? parseMemberId(outcome.resourceId) : outcome.value };
}

async function profileOf(
  { members }: PeopleDeps,
  { accountId, principalId }: MemberPrincipal,
  signal: AbortSignal,
): Promise<MemberProfile> {
  const profile = await members.findProfile(accountId, principalId, signal);
  if (profile === undefined) throw memberNotFound();
  return profile;
}

function actionOf(change: MemberChange): string {
  return `membership.${change}`;
}

/** A disabled member has none; whoever takes one at the same time waits. SEAT_LIMIT_REACHED. */
async function requireSeat(tx: Tx, { accountId }: Member, now: Date): Promise<void> {
  if ((await tx.lockAccount(accountId)) === undefined) throw memberNotFound();
  const free = await tx.countFreeSeats(accountId, now);
  if (free !== undefined && free < 1) throw noSeat();
}
