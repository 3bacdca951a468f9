import { hash } from "node:crypto";
import type { UserId } from "./ids.ts";

/** A person, who exists once in the installation. */
export interface User {
  readonly id: UserId;
  /** Empty once deleted. */
  readonly email: string;
  readonly displayName: string;
  readonly state: "active" | "deleted";
  readonly superAdmin: boolean;
  /** Undefined: not proven yet to be the user's. */
  readonly emailVerifiedAt: Date | undefined;
  /** Undefined: can't sign in with a password. */
  readonly passwordHash: string | undefined;
  readonly totp: Totp | undefined;
  /** Grows with each change of password or second factor; sessions tell which one they were made with. */
  readonly secretsVersion: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  /** Grows with each change. */
  readonly version: number;
}

/** The second factor: an authenticator app. */
export interface Totp {
  /** Of no use without a key that is not kept with it. */
  readonly sealedSecret: string;
  /** Undefined: not in use yet. */
  readonly confirmedAt: Date | undefined;
  /** The step of the last code that was taken: none is taken twice. */
  readonly lastStep: number;
}

/** The address without regard to case: what is unique in the installation. */
export function emailKeyOf(email: string): string {
  return email.normalize("NFC").toLowerCase();
}

/** The second factor, where signing in takes one. */
export function confirmedTotpOf({ totp }: User): Totp | undefined {
  return totp?.confirmedAt === undefined ? undefined : totp;
}

/** For what is kept of a token or code that has enough randomness by itself. */
export function digestOf(secret: string): Uint8Array {
  return hash("sha256", secret, "buffer");
}
