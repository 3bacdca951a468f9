import { requireDispensable, saveMember } from "./end-member.ts";
import { confirmEnforced, type EnforcementDeps } from "./enforcement.ts";
import { requireEtag } from "./etag.ts";
import { type AccountId, type MemberId, memberNotFound, parseMemberId } from "./ids.ts";
import { noSeat } from "./invitation.ts";
import type { Member } from "./member.ts";
import type { Mutation } from "./mutation.ts";
import type { MemberChange, MemberProfile, PeopleDeps } from "./people-ports.ts";
import type { Tx } from "./ports.ts";
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

const stateAfter = {
  disable: "inactive",
  enable: "active",
  remove: "deleted",
  leave: "deleted",
} as const satisfies Record<MemberChange, Member["state"]>;

/**
 * Changes a membership, with its audit event and the debt of every enforcer; returns once all debts for it are
 * paid. To change nothing commits nothing and still waits for what is owed.
 * PRINCIPAL_NOT_FOUND, ADMINISTRATOR_REQUIRED, LAST_ADMINISTRATOR, LAST_SUPER_ADMIN, ETAG_MISMATCH,
 * SEAT_LIMIT_REACHED, ENFORCEMENT_PENDING.
 */
export async function changeMember(
  deps: PeopleDeps & EnforcementDeps,
  command: MemberCommand,
  change: MemberChange,
  signal: AbortSignal,
): Promise<MemberProfile> {
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
          action: `membership.${change}`,
          targetId: id,
          detail: { userId: after.userId, state, version: after.version },
        });
      }
      return { resourceId: id, value: id };
    },
    signal,
  );
  const changedId = outcome.repeated ? parseMemberId(outcome.resourceId) : outcome.value;
  await confirmEnforced(deps, { accountId, principalId: changedId }, signal);
  const profile = await deps.members.findProfile(accountId, changedId, signal);
  if (profile === undefined) throw memberNotFound();
  return profile;
}

/** A disabled member has none; whoever takes one at the same time waits. SEAT_LIMIT_REACHED. */
async function requireSeat(tx: Tx, { accountId }: Member, now: Date): Promise<void> {
  if ((await tx.lockAccount(accountId)) === undefined) throw memberNotFound();
  const free = await tx.countFreeSeats(accountId, now);
  if (free !== undefined && free < 1) throw noSeat();
}
