import type { UserId } from "../domain/ids.ts";
import type { Sealer } from "./sealer.ts";

/** Secrets of authenticator apps as they are kept: each opens for its own person only. */
export interface TotpSecrets {
  seal(userId: UserId, secret: string): string;
  open(userId: UserId, kept: string): string;
  /** As kept from now on. */
  reseal(userId: UserId, kept: string): string;
  /** What all begins with that need not be sealed anew. */
  readonly presentPrefix: string;
}

export function createTotpSecrets(sealer: Sealer): TotpSecrets {
  const contextOf = (userId: UserId) => `identity.totp:${userId}`;
  const seal = (userId: UserId, secret: string) => sealer.seal(secret, contextOf(userId));
  const open = (userId: UserId, kept: string) =>
    // Plain base32, from before secrets were sealed; startup seals those.
    kept.includes(".") ? sealer.open(kept, contextOf(userId)) : kept;
  return {
    seal,
    open,
    reseal: (userId, kept) => seal(userId, open(userId, kept)),
    presentPrefix: sealer.presentPrefix,
  };
}
