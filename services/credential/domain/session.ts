import type { Credential, Proof } from "./credential.ts";

/** What tells how long a session lasts. */
export interface SessionLife {
  /** Without use for so long it is over, in milliseconds. */
  readonly idleMs: number;
  /** To a tenth of `idleMs`. */
  readonly lastUsedAt: Date;
}

/** What a session has beyond other credentials. */
export interface SessionFacts extends SessionLife {
  /** The sign-in; shared by the sessions in several accounts that it has led to. */
  readonly groupId: string;
  /** The person, who is another principal in each account. */
  readonly userId: string;
  /** Of the person's password and second factor, when they signed in. */
  readonly secretsVersion: number;
  readonly userAgent: string;
  /** Empty if unknown. */
  readonly sourceIp: string;
}

/** A credential that is a session, which always expires. */
export type Session = Credential & {
  readonly proof: Extract<Proof, { readonly kind: "session" }>;
  readonly expiresAt: Date;
};

export function isSession(credential: Credential): credential is Session {
  return credential.proof.kind === "session" && credential.expiresAt !== undefined;
}

/** When it is over, unless it is used before. */
export function idleEndOf({ lastUsedAt, idleMs }: SessionLife): Date {
  return new Date(lastUsedAt.getTime() + idleMs);
}

/** From the very instant on at which its idle lifetime is over. */
export function isIdle(session: SessionLife, now: Date): boolean {
  return idleEndOf(session).getTime() <= now.getTime();
}

/** From when on a use is worth to be written, in milliseconds since 1970: a write for each verification would be too many. */
export function useDueAt({ lastUsedAt, idleMs }: SessionLife): number {
  return lastUsedAt.getTime() + Math.ceil(idleMs / 10);
}

/** Whether a use now is worth to be written. */
export function isUseDue(session: SessionLife, now: Date): boolean {
  return now.getTime() >= useDueAt(session);
}
