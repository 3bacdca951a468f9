import { randomBytes } from "node:crypto";
import type { PeopleDeps } from "../domain/people-ports.ts";
import { createArgon2Passwords } from "./argon2-passwords.ts";
import { createTotpCodes } from "./otplib-totp-codes.ts";
import { createSealer, type EncryptionKey } from "./sealer.ts";
import { createSignInAttempts } from "./sign-in-attempts.ts";
import { createTotpSecrets, type TotpSecrets } from "./totp-secrets.ts";

/** All that secrets are made, kept and checked with. */
export async function createSecrets(config: {
  readonly IDENTITY_ENCRYPTION_KEYS: readonly EncryptionKey[];
  readonly PASSWORD_CONCURRENCY: number;
}): Promise<
  Pick<PeopleDeps, "passwords" | "totpCodes" | "signInAttempts" | "randomBytes"> & {
    readonly totpSecrets: TotpSecrets;
  }
> {
  const totpSecrets = createTotpSecrets(createSealer(config.IDENTITY_ENCRYPTION_KEYS));
  return {
    totpSecrets,
    totpCodes: createTotpCodes(totpSecrets),
    passwords: await createArgon2Passwords({ concurrencyMax: config.PASSWORD_CONCURRENCY }),
    signInAttempts: createSignInAttempts(() => performance.now()),
    randomBytes,
  };
}
