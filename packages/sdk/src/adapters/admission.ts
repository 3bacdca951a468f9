import type { ErrorReason } from "@portcullis/contracts/portcullis/common/v1/error_reason_pb.ts";
import type { Checker } from "../checking/checker.ts";
import type { CheckQuestion } from "../checking/decision.ts";
import type {
  CredentialKind,
  Refusal,
  Verification,
  VerifiedCredential,
} from "../verification/verification.ts";
import type { Verifier } from "../verification/verifier.ts";

/** Who may pass. */
export interface AdmissionOptions {
  readonly verifier: Pick<Verifier, "verify">;
  /** Default: API keys and sessions. */
  readonly acceptedKinds?: readonly CredentialKind[];
  /** Needed for `permission`. */
  readonly checker?: Pick<Checker, "check">;
  /** What the caller must hold in its account; absent: a good credential is enough. */
  readonly permission?: string;
}

/** Whose credential a call came with. */
export type Caller = VerifiedCredential;

/** Why a call does not pass, for its sender: says nothing of what it has not proven to know. */
export interface Rejection {
  readonly status: 401 | 403 | 429 | 503;
  readonly reason: keyof typeof ErrorReason;
  readonly message: string;
  readonly retryAfterMs: number | undefined;
}

export type Admission =
  | { readonly isAdmitted: true; readonly caller: Caller }
  | { readonly isAdmitted: false; readonly rejection: Rejection };

/** Throws TypeError for options that would let pass who should not: a mistake of the program. */
export function requireComplete({ permission, checker }: AdmissionOptions): void {
  if (permission !== undefined && checker === undefined) throw new TypeError("a permission needs a checker");
}

const defaultKinds: readonly CredentialKind[] = ["api_key", "session"];

/** Decides on the bearer token of a call. Never rejects: where nobody can say, the call does not pass. */
export async function admit(
  options: AdmissionOptions,
  authorization: string | undefined,
  sourceIp: string | undefined,
): Promise<Admission> {
  const token = bearerOf(authorization);
  if (token === undefined) return rejected(credentialsMissing);
  const { verifier, checker, permission, acceptedKinds = defaultKinds } = options;
  try {
    const verification = await verifier.verify(token, { acceptedKinds, sourceIp });
    if (verification.result !== "valid") return rejected(rejectionOf(verification));
    const { credential } = verification;
    if (permission === undefined || checker === undefined) return { isAdmitted: true, caller: credential };
    const subject = { accountId: credential.accountId, principalId: credential.ownerId };
    const question: CheckQuestion = { permission };
    const { allowed } = await checker.check(subject, question);
    if (!allowed) return rejected(permissionDenied(permission));
    return { isAdmitted: true, caller: credential };
  } catch {
    return rejected(unavailable);
  }
}

function bearerOf(authorization: string | undefined): string | undefined {
  return /^bearer +([^\s,]+)$/i.exec(authorization ?? "")?.[1];
}

function rejected(rejection: Rejection): Admission {
  return { isAdmitted: false, rejection };
}

function refuse(
  status: Rejection["status"],
  reason: Rejection["reason"],
  message: string,
  retryAfterMs?: number,
): Rejection {
  return { status, reason, message, retryAfterMs };
}

const credentialsMissing = refuse(401, "CREDENTIALS_MISSING", "Send «authorization: Bearer …».");
const credentialsInvalid = refuse(401, "CREDENTIALS_INVALID", "The credential is not valid.");
const unavailable = refuse(
  503,
  "DEPENDENCY_UNAVAILABLE",
  "Who you are can't be verified right now. Try again in a moment.",
  1_000,
);

function permissionDenied(permission: string): Rejection {
  return refuse(403, "PERMISSION_DENIED", `This needs the permission ${permission}.`);
}

const refusals: Readonly<Record<Refusal, Rejection>> = {
  wrong_kind: refuse(401, "CREDENTIALS_WRONG_KIND", "This kind of credential is not accepted here."),
  revoked: refuse(401, "CREDENTIALS_REVOKED", "The credential was revoked."),
  expired: refuse(401, "CREDENTIALS_EXPIRED", "The credential has expired."),
  owner_inactive: refuse(401, "CREDENTIALS_OWNER_INACTIVE", "The owner of the credential is not active."),
  owner_locked: refuse(401, "CREDENTIALS_OWNER_INACTIVE", "The owner of the credential is not active."),
  account_suspended: refuse(401, "CREDENTIALS_ACCOUNT_SUSPENDED", "The account is suspended."),
  ip_not_allowed: refuse(
    401,
    "CREDENTIALS_IP_NOT_ALLOWED",
    "The credential may not be used from this address.",
  ),
  acl_denied: refuse(403, "PERMISSION_DENIED", "The credential is not for that."),
};

function rejectionOf(verification: Verification): Rejection {
  switch (verification.result) {
    case "valid":
    case "unknown":
    case "malformed":
    case "unrecognized":
      return credentialsInvalid;
    case "throttled":
      return refuse(
        429,
        "TOO_MANY_ATTEMPTS",
        "Too many failed attempts. Try again later.",
        verification.retryAfterMs,
      );
    case "wrong_kind":
    case "revoked":
    case "expired":
    case "owner_inactive":
    case "owner_locked":
    case "account_suspended":
    case "ip_not_allowed":
    case "acl_denied":
      return refusals[verification.result];
  }
}

/** What a web server answers. */
export function headersOf({ status, retryAfterMs }: Rejection): Record<string, string> {
  return {
    ...(status === 401 ? { "www-authenticate": "Bearer" } : {}),
    ...(retryAfterMs === undefined ? {} : { "retry-after": String(Math.ceil(retryAfterMs / 1_000)) }),
  };
}

export function bodyOf({ reason, message }: Rejection) {
  return { error: { reason, message } };
}
