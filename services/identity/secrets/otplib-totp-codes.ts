import { generateSecret, generateURI, verifySync } from "otplib";
import type { TotpCodes } from "../domain/people-ports.ts";
import type { TotpSecrets } from "./totp-secrets.ts";

const issuer = "Portcullis";
/** The step before and the one after are good too: clocks differ, and people are slow. In seconds. */
const toleranceSeconds = 30;

/** Six digits, 30 seconds, SHA-1: what every authenticator app does (RFC 6238). */
export function createTotpCodes(secrets: TotpSecrets): TotpCodes {
  return {
    newSecret(userId) {
      const secret = generateSecret();
      return { secret, sealedSecret: secrets.seal(userId, secret) };
    },
    stepOf(userId, sealedSecret, code, now) {
      if (!/^\d{6}$/.test(code)) return undefined;
      const secret = secrets.open(userId, sealedSecret);
      const epoch = Math.floor(now.getTime() / 1000);
      const result = verifySync({ secret, token: code, epoch, epochTolerance: toleranceSeconds });
      return result.valid && "timeStep" in result ? result.timeStep : undefined;
    },
    uriOf: (secret, label) => generateURI({ issuer, label, secret }),
  };
}
