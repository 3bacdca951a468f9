import { requireActiveAccount } from "./account.ts";
import type { RandomBytes } from "./base62.ts";
import { sessionProof } from "./credential.ts";
import {
  type AccountId,
  type PrincipalId,
  parseCredentialId,
  principalNotFound,
  sessionNotFound,
} from "./ids.ts";
import type { Mutation } from "./mutation.ts";
import type { Clock, NewId, SessionStore, UnitOfWork } from "./ports.ts";
import type { Session, SessionFacts } from "./session.ts";
import { mintToken } from "./token.ts";

export interface CreateSessionDeps {
  readonly unitOfWork: UnitOfWork;
  readonly sessions: SessionStore;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly randomBytes: RandomBytes;
}

export interface CreateSessionCommand {
  readonly mutation: Mutation;
  readonly accountId: AccountId;
  readonly ownerId: PrincipalId;
  readonly facts: Omit<SessionFacts, "lastUsedAt">;
  /** It ends after so long, in milliseconds, however much it is used. */
  readonly lifetimeMs: number;
}

export interface CreatedSession {
  readonly session: Session;
  /** Undefined for a repeated request: the secret is told once. */
  readonly token: string | undefined;
}

/**
 * Creates a session for an active user; one who is made inactive or deleted meanwhile has none that works.
 * PRINCIPAL_NOT_FOUND, ACCOUNT_SUSPENDED; SESSION_NOT_FOUND for a repeat after its end.
 */
export async function createSession(
  deps: CreateSessionDeps,
  command: CreateSessionCommand,
  signal: AbortSignal,
): Promise<CreatedSession> {
  const { accountId, ownerId } = command;
  const outcome = await deps.unitOfWork.once(
    command.mutation,
    async (tx) => {
      requireActiveAccount(await tx.holdAccount(accountId));
      const owner = await tx.holdPrincipal({ accountId, principalId: ownerId });
      if (owner?.kind !== "user" || owner.state !== "active") throw principalNotFound();
      const { session, token } = mint(deps, command);
      await tx.insertCredential(session);
      await tx.audit({
        accountId,
        action: "session.create",
        targetId: session.id,
        detail: { ownerId, userId: command.facts.userId, groupId: command.facts.groupId },
      });
      return { resourceId: session.id, value: { session, token } };
    },
    signal,
  );
  if (!outcome.repeated) return outcome.value;
  const session = await deps.sessions.find(accountId, parseCredentialId(outcome.resourceId), signal);
  if (session === undefined) throw sessionNotFound();
  return { session, token: undefined };
}

function mint(
  deps: CreateSessionDeps,
  { accountId, ownerId, facts, lifetimeMs }: CreateSessionCommand,
): { readonly session: Session; readonly token: string } {
  const now = deps.clock();
  const minted = mintToken("session", deps.randomBytes);
  const { locator, proof } = sessionProof(minted, { ...facts, lastUsedAt: now });
  if (proof.kind !== "session") throw new Error("a session's proof is of another kind");
  const session: Session = {
    locator,
    proof,
    accountId,
    id: parseCredentialId(deps.newId("cred")),
    ownerId,
    description: "",
    metadata: "",
    aclRules: [],
    allowedIpRanges: [],
    expiresAt: new Date(now.getTime() + lifetimeMs),
    createdAt: now,
    updatedAt: now,
    revokedAt: undefined,
    version: 1,
  };
  return { session, token: minted.text };
}
