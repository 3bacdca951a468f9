import type { Access } from "@portcullis/contracts/portcullis/common/v1/access_pb.ts";
import { DomainError } from "@portcullis/errors";
import type { Call } from "./call.ts";
import type { PrincipalCaller, WorkloadCaller } from "./caller.ts";
import type { Decision } from "./security.ts";

/** Who was let in, and to what. */
export type Admitted = Pick<Call, "caller" | "accountId" | "unrestricted">;

/** What an `authorization` header bears. CREDENTIALS_MISSING if that is nothing. */
export function bearerOf(header: string): string {
  const bearer = /^bearer +(\S+)$/i.exec(header)?.[1];
  if (bearer !== undefined) return bearer;
  throw new DomainError(
    "CREDENTIALS_MISSING",
    "Send an API key as «authorization: Bearer pcak_…», or a session.",
  );
}

/** A workload token is a JWT; a credential of ours has no dots. */
export function isWorkloadToken(bearer: string): boolean {
  return bearer.includes(".");
}

/** Lets in a service that the method names. `named` is the account that the request names, or empty. */
export function admitWorkload(access: Access, caller: WorkloadCaller, named: string): Admitted {
  if (!access.workloads.includes(caller.name)) throw denied(access.permission);
  return { caller, accountId: named, unrestricted: true };
}

/** Lets in, or refuses, where it does not matter what the principal may do; undefined: that must be decided. */
export function admitUndecided(
  access: Access,
  caller: PrincipalCaller,
  accountId: string,
): Admitted | undefined {
  if (access.self) {
    if (accountId !== caller.accountId) throw accountNotFound();
    return { caller, accountId, unrestricted: false };
  }
  if (access.permission === "") throw denied("");
  return undefined;
}

/** Lets in, or refuses, as was decided. */
export function admitDecided(
  access: Access,
  caller: PrincipalCaller,
  accountId: string,
  decision: Decision,
): Admitted {
  if (decision.allowed) return { caller, accountId, unrestricted: decision.superAdmin };
  // A foreign account and one that does not exist: one answer.
  if (accountId !== caller.accountId) throw accountNotFound();
  throw denied(access.permission);
}

function accountNotFound(): DomainError {
  return new DomainError("ACCOUNT_NOT_FOUND", "There is no such account, or you can't reach it.");
}

function denied(permission: string): DomainError {
  return permission === ""
    ? new DomainError("PERMISSION_DENIED", "This method is for the installation's own services.")
    : new DomainError("PERMISSION_DENIED", `This needs the permission ${permission}, which you don't have.`, {
        metadata: { permission },
      });
}
