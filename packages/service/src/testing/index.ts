import { DomainError } from "@portcullis/errors";
import type { CallerSession, PrincipalCaller } from "../caller.ts";
import { parseReceiptKeys } from "../receipts/keys.ts";
import type { SecurityDeps } from "../security.ts";
import { createWorkloadTokenSource, type WorkloadKey } from "../workload-token.ts";

/** A workload key for tests. */
export const testWorkloadKey: WorkloadKey = new Uint8Array(32).fill(7);

/** RECEIPT_SIGNING_KEYS for tests. */
export const testReceiptSigningKeys = `test:${Buffer.alloc(32, 7).toString("base64")}`;

/** The same, parsed. */
export const testReceiptKeys = parseReceiptKeys(testReceiptSigningKeys);

/** Somebody with an API key, and what they may do in their own account; `"all"` makes a super administrator. */
export interface TestPrincipal {
  readonly accountId: string;
  readonly principalId: string;
  readonly permissions: readonly string[] | "all";
  /** Absent: the credential is an API key. */
  readonly session?: CallerSession;
}

/**
 * Security for a server under test whose peers are not there: API keys and their principals by name. Keys that
 * are not named are refused; workload tokens made with testWorkloadKey are genuine.
 */
export function createTestSecurity(
  serviceName: string,
  principals: Readonly<Record<string, TestPrincipal>>,
  callTimeoutMs = 15_000,
): SecurityDeps {
  return {
    serviceName,
    workloadKey: testWorkloadKey,
    callTimeoutMs,
    apiKeys: {
      async authenticate(apiKey): Promise<PrincipalCaller> {
        const known = principals[apiKey];
        if (known === undefined) throw new DomainError("CREDENTIALS_INVALID", "The API key is not valid.");
        const { accountId, principalId, session } = known;
        return {
          kind: "principal",
          accountId,
          principalId,
          credentialId: `cred_of_${principalId}`,
          ...(session === undefined ? {} : { session }),
        };
      },
    },
    authorizer: {
      async decide(caller, permission, accountId) {
        const known = Object.values(principals).find(
          (one) => one.principalId === caller.principalId && one.accountId === caller.accountId,
        );
        if (known === undefined) return { allowed: false, superAdmin: false };
        if (known.permissions === "all") return { allowed: true, superAdmin: true };
        const allowed = known.accountId === accountId && known.permissions.includes(permission);
        return { allowed, superAdmin: false };
      },
    },
  };
}

/** A bearer token that proves the service `name` to the server under test. */
export function testWorkloadToken(name: string, audience: string): Promise<string> {
  return createWorkloadTokenSource(testWorkloadKey, name, audience)();
}
