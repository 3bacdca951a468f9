import { type PrincipalRef, parsePrincipalRef } from "../domain/ids.ts";
import type { Mutation } from "../domain/mutation.ts";
import type { Principal } from "../domain/principal.ts";

/** A reference to a principal; the ids must be ids. */
export function ref(accountId: string, principalId: string): PrincipalRef {
  const parsed = parsePrincipalRef(accountId, principalId);
  if (parsed === undefined) throw new Error(`not ids: ${accountId}, ${principalId}`);
  return parsed;
}

/** An active user at version 1, unless said otherwise. */
export function principal(
  accountId: string,
  principalId: string,
  changes: Partial<Omit<Principal, "accountId" | "principalId">> = {},
): Principal {
  return {
    ...ref(accountId, principalId),
    kind: "user",
    state: "active",
    version: 1,
    superAdmin: false,
    ...changes,
  };
}

/** A change that an operator asks for. */
export function mutation(accountId: string, changes: Partial<Mutation> = {}): Mutation {
  return {
    actor: { kind: "workload", name: "operator" },
    accountId,
    method: "portcullis.authorization.v1.RoleBindingService/CreateRoleBinding",
    requestId: undefined,
    requestDigest: new Uint8Array(32),
    ...changes,
  };
}

/** Who tells of principals. */
export const identity = { kind: "workload", name: "identity" } as const;
