import { DomainError } from "@portcullis/errors";
import type { AccountId, UserId } from "./ids.ts";
import type { AccountSessionsEnd, SessionEndOutbox, Sessions, SessionsEnd } from "./people-ports.ts";
import type { Enforcement } from "./revocation.ts";

export interface SessionEndDeps {
  readonly sessionEnds: SessionEndOutbox;
  readonly sessions: Sessions;
}

const batchSize = 32;
const accountBatchSize = 1000;
/** A call about very many persons leaves the rest to the relay. */
const patienceMs = 20_000;

/**
 * Resolves when credential has confirmed that the person's sessions have ended that were to, by anything
 * committed before the call, with what it says of it; it is asked even if it owes nothing, since it may have told the
 * relay. ENFORCEMENT_PENDING if it can't be told; then the relay goes on.
 */
export async function confirmSessionsEnded(
  deps: SessionEndDeps,
  userId: UserId,
  signal: AbortSignal,
): Promise<readonly Enforcement[]> {
  const end = await deps.sessionEnds.pendingOf(userId, signal);
  const confirmed = end === undefined ? deps.sessions.confirmEnded(signal) : deliver(deps, end, signal);
  return [await confirmed.catch(notYet)];
}

/** As confirmSessionsEnded, for what is to end in one account alone, of many persons at a time. */
export async function confirmAccountSessionsEnded(
  deps: SessionEndDeps,
  accountId: AccountId,
  signal: AbortSignal,
): Promise<readonly Enforcement[]> {
  const said: Enforcement[] = [];
  const inTime = AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]);
  try {
    for (;;) {
      const pending = await deps.sessionEnds.pendingOfAccount(accountId, accountBatchSize, inTime);
      // Last of all, for the relay may have had some of them ended.
      if (pending.length === 0) return [...said, await deps.sessions.confirmEnded(inTime)];
      said.push(await deliverInAccount(deps, accountId, pending, inTime));
    }
  } catch (error) {
    return notYet(error);
  }
}

function notYet(cause: unknown): never {
  throw new DomainError(
    "ENFORCEMENT_PENDING",
    "The change is saved, but not every session has ended yet. They are being ended; repeat the call to learn when they have.",
    { cause },
  );
}

/** Has the sessions ended that are due once, and tells how many debts there were. */
export async function relaySessionEndsOnce(
  deps: SessionEndDeps,
  onFailure: (error: unknown) => void,
  signal: AbortSignal,
): Promise<number> {
  const { everywhere, inAccounts } = await deps.sessionEnds.takeDue(batchSize, signal);
  const byAccount = Map.groupBy(inAccounts, ({ accountId }) => accountId);
  await Promise.all([
    ...everywhere.map((end) => deliver(deps, end, signal).catch(onFailure)),
    ...[...byAccount].map(([id, ends]) => deliverInAccount(deps, id, ends, signal).catch(onFailure)),
  ]);
  return everywhere.length + inAccounts.length;
}

/** Harmless when done twice: sessions of newer secrets are left alone. */
async function deliver(deps: SessionEndDeps, end: SessionsEnd, signal: AbortSignal): Promise<Enforcement> {
  const said = await deps.sessions.endOfUser(end, signal);
  await deps.sessionEnds.confirm(end, signal);
  return said;
}

async function deliverInAccount(
  deps: SessionEndDeps,
  accountId: AccountId,
  ends: readonly AccountSessionsEnd[],
  signal: AbortSignal,
): Promise<Enforcement> {
  const userIds = ends.map(({ userId }) => userId);
  const said = await deps.sessions.endInAccount(accountId, userIds, signal);
  await deps.sessionEnds.confirmInAccounts(ends, signal);
  return said;
}
