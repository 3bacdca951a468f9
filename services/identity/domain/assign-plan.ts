import { DomainError } from "@portcullis/errors";
import type { Account } from "./account.ts";
import type { AccountDeps } from "./create-account.ts";
import { requireEtag } from "./etag.ts";
import { getAccount } from "./get-account.ts";
import { type AccountId, accountNotFound } from "./ids.ts";
import { noSeat } from "./invitation.ts";
import type { Mutation } from "./mutation.ts";
import { planLimitReached } from "./plan.ts";

export interface AssignPlanCommand {
  readonly mutation: Mutation;
  readonly accountId: AccountId;
  readonly planId: string;
  /** Undefined: whatever it is. */
  readonly etag: string | undefined;
}

/**
 * Puts an account on a plan that has room for what there is. ACCOUNT_NOT_FOUND, PLAN_NOT_FOUND,
 * SEAT_LIMIT_REACHED, PLAN_LIMIT_REACHED.
 */
export async function assignPlan(
  deps: AccountDeps,
  command: AssignPlanCommand,
  signal: AbortSignal,
): Promise<Account> {
  const { accountId, planId } = command;
  const outcome = await deps.unitOfWork.once(
    command.mutation,
    async (tx) => {
      const before = await tx.lockAccount(accountId);
      if (before === undefined) throw accountNotFound();
      requireEtag(before, command.etag);
      if (!(await tx.hasPlan(planId))) throw planNotFound();
      if (before.planId === planId) return { resourceId: accountId, value: before };
      const now = deps.clock();
      const value = { ...before, planId, version: before.version + 1, updatedAt: now };
      await tx.updateAccount(value);
      const free = await tx.countFreeSeats(accountId, now);
      if (free !== undefined && free < 0) throw noSeat();
      const freeServiceUsers = await tx.countFreeServiceUsers(accountId);
      if (freeServiceUsers !== undefined && freeServiceUsers < 0) throw planLimitReached("service_users");
      await tx.audit({
        accountId,
        action: "account.assign_plan",
        targetId: accountId,
        detail: { planId, planIdBefore: before.planId },
      });
      return { resourceId: accountId, value };
    },
    signal,
  );
  return outcome.repeated ? getAccount(deps, accountId, signal) : outcome.value;
}

function planNotFound(): DomainError {
  return new DomainError("PLAN_NOT_FOUND", "There is no such plan.");
}
