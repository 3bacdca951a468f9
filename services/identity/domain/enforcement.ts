import { DomainError } from "@portcullis/errors";
import type { AccountId } from "./ids.ts";
import type { EnforcementOutbox, Enforcer, PendingEnforcement } from "./ports.ts";
import type { Applied, Principal, PrincipalRef } from "./principal.ts";

export interface EnforcementDeps {
  readonly outbox: EnforcementOutbox;
  readonly enforcers: readonly Enforcer[];
}

const batchSize = 32;
/** A call about very many principals leaves the rest to the relay. */
const patienceMs = 20_000;

/**
 * Resolves when every enforcer has confirmed what was committed of the principal before the call. Rejects with
 * ENFORCEMENT_PENDING if one has not; then the relay goes on. (design.md §2.2)
 */
export async function confirmEnforced(
  deps: EnforcementDeps,
  ref: PrincipalRef,
  signal: AbortSignal,
): Promise<void> {
  const pending = await deps.outbox.pendingOf(ref, signal);
  const results = await Promise.allSettled(pending.map((debt) => deliver(deps, debt, signal)));
  const failed = results.find((result) => result.status === "rejected");
  if (failed !== undefined) throw enforcementPending(failed.reason);
}

/** As confirmEnforced, for every principal of an account, a few at a time. */
export async function confirmAccountEnforced(
  deps: EnforcementDeps,
  accountId: AccountId,
  signal: AbortSignal,
): Promise<void> {
  const inTime = AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]);
  try {
    for (;;) {
      const pending = await deps.outbox.pendingOfAccount(accountId, batchSize, inTime);
      if (pending.length === 0) return;
      const results = await Promise.allSettled(pending.map((debt) => deliver(deps, debt, inTime)));
      const failed = results.find((result) => result.status === "rejected");
      if (failed !== undefined) throw failed.reason;
    }
  } catch (error) {
    throw enforcementPending(error);
  }
}

function enforcementPending(cause: unknown): DomainError {
  return new DomainError(
    "ENFORCEMENT_PENDING",
    "The change is saved, but not yet confirmed to be in force everywhere. It goes on being delivered; repeat the call to learn when it is.",
    { cause },
  );
}

/**
 * Tells one enforcer the principal's present state, which is at least as new as the debt, and takes the debt
 * off; what a new member is to be given is part of the debt of who gives it. Harmless when done twice or by two
 * at once: enforcers ignore versions that are not above theirs, and give nothing twice.
 */
export async function deliver(
  deps: EnforcementDeps,
  debt: PendingEnforcement,
  signal: AbortSignal,
): Promise<void> {
  const enforcer = deps.enforcers.find(({ name }) => name === debt.enforcer);
  if (enforcer === undefined) throw new Error(`there is no enforcer ${debt.enforcer}`);
  const principal = await agree(deps, enforcer, debt, signal);
  if (enforcer.grant !== undefined && principal.state !== "deleted") {
    const grants = await deps.outbox.grantsOwed(debt, signal);
    if (grants.length > 0) {
      await enforcer.grant(debt, grants, signal);
      await deps.outbox.granted(debt, grants, signal);
    }
  }
  await deps.outbox.confirm(debt, principal.version, signal);
}

/**
 * Tells the enforcer until it goes by the very principal that identity has committed, and returns that. A newer
 * change may have overtaken this one; then it is told again, of the newer. Any other answer means that the
 * enforcer goes by something else than identity says, in version or in state, e.g. since identity's database was
 * restored to an earlier time: that is no confirmation (docs/operations.md, Restoring).
 */
async function agree(
  deps: EnforcementDeps,
  enforcer: Enforcer,
  ref: PrincipalRef,
  signal: AbortSignal,
): Promise<Principal> {
  for (let told: Principal | undefined; ; ) {
    const present = await deps.outbox.readPrincipal(ref, signal);
    if (present === undefined) throw new Error(`there is a debt for an unknown principal ${ref.principalId}`);
    if (present.version === told?.version) {
      throw new Error(
        `${enforcer.name} holds another version or state of ${ref.principalId} than ${told.version}, ${told.state}: see docs/operations.md, Restoring`,
      );
    }
    told = present;
    if (isOf(await enforcer.apply(told, signal), told)) return told;
  }
}

function isOf(applied: Applied, { version, state, superAdmin }: Principal): boolean {
  if (applied.version !== version || applied.state !== state) return false;
  return applied.superAdmin === undefined || applied.superAdmin === superAdmin;
}
