import { DomainError } from "@portcullis/errors";
import { type Applied, type Enforced, type EnforcedRef, enforcedIdOf } from "./enforced.ts";
import type { EnforcementOutbox, Enforcer, PendingEnforcement } from "./ports.ts";
import type { PrincipalRef } from "./principal.ts";
import type { Enforcement } from "./revocation.ts";

export interface EnforcementDeps {
  readonly outbox: EnforcementOutbox;
  readonly enforcers: readonly Enforcer[];
}

/** What an enforcer goes by, which is what is committed, and what it says of it. */
export interface Delivered {
  readonly enforced: Enforced;
  readonly enforcement: Enforcement | undefined;
}

/**
 * Resolves when every enforcer has confirmed what was committed before the call, of the account, or of the principal
 * and its account. Rejects with ENFORCEMENT_PENDING if one has not; then the relay goes on. (design.md §2.2)
 */
export async function confirmEnforced(
  deps: EnforcementDeps,
  ref: EnforcedRef,
  signal: AbortSignal,
): Promise<void> {
  await deliverAll(deps, await deps.outbox.pendingOf(ref, signal), signal);
}

/**
 * As confirmEnforced, of what takes access away: what every enforcer says of it. They are asked whether they owe
 * anything or not: a confirmation that came while nobody waited for it has told nobody since when it is in force.
 * Empty where access was given again meanwhile.
 */
export async function confirmRevoked(
  deps: EnforcementDeps,
  ref: EnforcedRef,
  signal: AbortSignal,
  isRevoked: (enforced: Enforced) => boolean = ({ state }) => state !== "active",
): Promise<readonly Enforcement[]> {
  const pending = await deps.outbox.pendingOf(ref, signal);
  const ofAccount = pending.filter(({ of }) => enforcedIdOf(of) !== enforcedIdOf(ref));
  const own = deps.enforcers.map(({ name }) => ({ enforcer: name, of: ref }));
  const delivered = await deliverAll(deps, [...own, ...ofAccount], signal);
  const confirmed = delivered.slice(0, own.length);
  return confirmed.every(({ enforced }) => isRevoked(enforced)) ? confirmed.map(requireSaid) : [];
}

/** As confirmRevoked, of several principals: empty where one of them has access again. */
export async function confirmAllRevoked(
  deps: EnforcementDeps,
  refs: readonly PrincipalRef[],
  signal: AbortSignal,
  isRevoked?: (enforced: Enforced) => boolean,
): Promise<readonly Enforcement[]> {
  const said = await Promise.all(refs.map((ref) => confirmRevoked(deps, ref, signal, isRevoked)));
  return said.some((of) => of.length === 0) ? [] : said.flat();
}

/** No receipt without the word of every enforcer: one that goes by the change but has no word has not confirmed it. */
function requireSaid({ enforcement, enforced }: Delivered): Enforcement {
  if (enforcement !== undefined) return enforcement;
  throw enforcementPending(
    new Error(`an enforcer of ${enforcedIdOf(enforced)} does not say since when: it is of another release`),
  );
}

/** ENFORCEMENT_PENDING if one of them fails; all were tried. */
async function deliverAll(
  deps: EnforcementDeps,
  debts: readonly PendingEnforcement[],
  signal: AbortSignal,
): Promise<readonly Delivered[]> {
  const results = await Promise.allSettled(debts.map((debt) => deliver(deps, debt, signal)));
  return results.map((result) => {
    if (result.status === "rejected") throw enforcementPending(result.reason);
    return result.value;
  });
}

function enforcementPending(cause: unknown): DomainError {
  return new DomainError(
    "ENFORCEMENT_PENDING",
    "The change is saved, but not yet confirmed to be in force everywhere. It goes on being delivered; repeat the call to learn when it is.",
    { cause },
  );
}

/**
 * Tells one enforcer the present state, which is at least as new as the debt, and takes the debt off; what a new
 * member is to be given is part of the debt of who gives it. Harmless when done twice or by two at once: enforcers
 * ignore versions that are not above theirs, and give nothing twice.
 */
export async function deliver(
  deps: EnforcementDeps,
  debt: PendingEnforcement,
  signal: AbortSignal,
): Promise<Delivered> {
  const enforcer = deps.enforcers.find(({ name }) => name === debt.enforcer);
  if (enforcer === undefined) throw new Error(`there is no enforcer ${debt.enforcer}`);
  const delivered = await agree(deps, enforcer, debt.of, signal);
  const { enforced } = delivered;
  if (enforcer.grant !== undefined && enforced.kind !== "account" && enforced.state !== "deleted") {
    const grants = await deps.outbox.grantsOwed(enforced, signal);
    if (grants.length > 0) {
      await enforcer.grant(enforced, grants, signal);
      await deps.outbox.granted(enforced, grants, signal);
    }
  }
  await deps.outbox.confirm(debt, enforced.version, signal);
  return delivered;
}

/**
 * Tells the enforcer until it goes by the very state that identity has committed. A newer change may have overtaken
 * this one; then it is told again, of the newer. Any other answer means that the enforcer goes by something else than
 * identity says, in version or in state, e.g. since identity's database was restored to an earlier time: that is no
 * confirmation (docs/operations.md, Restoring).
 */
async function agree(
  deps: EnforcementDeps,
  enforcer: Enforcer,
  ref: EnforcedRef,
  signal: AbortSignal,
): Promise<Delivered> {
  for (let told: Enforced | undefined; ; ) {
    const present = await deps.outbox.read(ref, signal);
    if (present === undefined) throw new Error(`there is a debt for what is unknown: ${enforcedIdOf(ref)}`);
    if (present.version === told?.version) {
      throw new Error(
        `${enforcer.name} holds another version or state of ${enforcedIdOf(ref)} than ${told.version}, ${told.state}: see docs/operations.md, Restoring`,
      );
    }
    told = present;
    const applied = await enforcer.apply(told, signal);
    if (isOf(applied, told)) return { enforced: told, enforcement: applied.enforcement };
  }
}

function isOf(applied: Applied, enforced: Enforced): boolean {
  if (applied.version !== enforced.version || applied.state !== enforced.state) return false;
  if (applied.superAdmin === undefined || enforced.kind === "account") return true;
  return applied.superAdmin === enforced.superAdmin;
}
