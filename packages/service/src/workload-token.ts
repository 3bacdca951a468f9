import { DomainError } from "@portcullis/errors";
import { errors, jwtVerify, SignJWT } from "jose";

/** How long a token is good for. Short, because it can't be revoked; long enough for clocks that differ. */
const lifetimeSeconds = 120;
/** Tokens are made anew well before they end. */
const renewAfterMs = 60_000;
/** How far the clocks of two services may be apart. */
const clockToleranceSeconds = 30;
const issuer = "portcullis";

/** The key that all services of an installation share. */
export type WorkloadKey = Uint8Array;

/** Parses the base64 form that configuration has. */
export function parseWorkloadKey(base64: string): WorkloadKey {
  return new Uint8Array(Buffer.from(base64, "base64"));
}

/** Makes tokens that prove to `audience` that the bearer is the service `name`; one serves for a minute. */
export function createWorkloadTokenSource(
  key: WorkloadKey,
  name: string,
  audience: string,
  now: () => number = Date.now,
): () => Promise<string> {
  let current: { readonly token: Promise<string>; readonly madeAt: number } | undefined;
  return async () => {
    const at = now();
    if (current === undefined || at - current.madeAt > renewAfterMs || at < current.madeAt) {
      const issuedAt = Math.floor(at / 1000);
      const token = new SignJWT()
        .setProtectedHeader({ alg: "HS256", typ: "JWT" })
        .setIssuer(issuer)
        .setSubject(name)
        .setAudience(audience)
        .setIssuedAt(issuedAt)
        .setExpirationTime(issuedAt + lifetimeSeconds)
        .sign(key);
      current = { token, madeAt: at };
    }
    return current.token;
  };
}

/** What a token proves. */
export interface ProvenWorkload {
  /** The service's. */
  readonly name: string;
  /** Until when it proves that, in milliseconds since 1970. */
  readonly goodUntilMs: number;
}

/** What a token proves, or DomainError CREDENTIALS_INVALID. */
export async function verifyWorkloadToken(
  key: WorkloadKey,
  audience: string,
  token: string,
): Promise<ProvenWorkload> {
  try {
    const { payload } = await jwtVerify(token, key, {
      algorithms: ["HS256"],
      issuer,
      audience,
      clockTolerance: clockToleranceSeconds,
      requiredClaims: ["sub", "exp"],
    });
    const { sub: name = "", exp = 0 } = payload;
    if (name !== "") return { name, goodUntilMs: (exp + clockToleranceSeconds) * 1_000 };
  } catch (error) {
    if (!(error instanceof errors.JOSEError)) throw error;
    throw new DomainError("CREDENTIALS_INVALID", "The workload token is not valid here.", { cause: error });
  }
  throw new DomainError("CREDENTIALS_INVALID", "The workload token names no service.");
}
