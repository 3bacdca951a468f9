import { DomainError } from "@portcullis/errors";
import type { UserId } from "./ids.ts";
import type { SessionEndOutbox, Sessions, SessionsEnd } from "./people-ports.ts";

export interface SessionEndDeps {
  readonly sessionEnds: SessionEndOutbox;
  readonly sessions: Sessions;
}

const batchSize = 32;

/**
 * Resolves when credential has confirmed that the person's sessions have ended that were to, by anything
 * committed before the call. ENFORCEMENT_PENDING if it can't be told; then the relay goes on.
 */
export async function confirmSessionsEnded(
  deps: SessionEndDeps,
  userId: UserId,
  signal: AbortSignal,
): Promise<void> {
  const end = await deps.sessionEnds.pendingOf(userId, signal);
  if (end === undefined) return;
  try {
    await deliver(deps, end, signal);
  } catch (error) {
    throw new DomainError(
      "ENFORCEMENT_PENDING",
      "The change is saved, but not every session has ended yet. They are being ended; repeat the call to learn when they have.",
      { cause: error },
    );
  }
}

/** Has the sessions ended that are due once, and tells how many persons there were. */
export async function relaySessionEndsOnce(
  deps: SessionEndDeps,
  onFailure: (error: unknown) => void,
  signal: AbortSignal,
): Promise<number> {
  const due = await deps.sessionEnds.takeDue(batchSize, signal);
  await Promise.all(due.map((end) => deliver(deps, end, signal).catch(onFailure)));
  return due.length;
}

/** Harmless when done twice: sessions of newer secrets are left alone. */
async function deliver(deps: SessionEndDeps, end: SessionsEnd, signal: AbortSignal): Promise<void> {
  await deps.sessions.endOfUser(end, signal);
  await deps.sessionEnds.confirm(end, signal);
}
