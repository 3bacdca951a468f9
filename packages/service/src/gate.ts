import type { Access } from "@portcullis/contracts/portcullis/common/v1/access_pb.ts";
import {
  type Admitted,
  admitDecided,
  admitUndecided,
  admitWorkload,
  bearerOf,
  isWorkloadToken,
} from "./admit.ts";
import type { PrincipalCaller } from "./caller.ts";
import { RememberedWorkloads } from "./remembered-workloads.ts";
import type { SecurityDeps } from "./security.ts";

/** What the gate has to know of a call. */
export interface Knock {
  /** The `authorization` header; empty if there is none. */
  readonly authorization: string;
  readonly peerAddress: string | undefined;
  readonly userAgent: string;
  /** Asked for by what has to wait only. */
  readonly signal: AbortSignal;
}

/**
 * Proves who is calling and enforces a method's `access` option; at once where memory can tell. Its answers depend on
 * the caller, the method and the account named, on nothing else.
 */
export class Gate {
  readonly #security: SecurityDeps;
  readonly #workloads: RememberedWorkloads;

  constructor(security: SecurityDeps) {
    this.#security = security;
    this.#workloads = new RememberedWorkloads(security.workloadKey, security.serviceName);
  }

  /** `named` is the account that the request names, or empty. */
  admit(access: Access, knock: Knock, named: string): Admitted | Promise<Admitted> {
    const { authorization } = knock;
    const workload = this.#workloads.recall(authorization);
    if (workload !== undefined) return admitWorkload(access, workload, named);
    const bearer = bearerOf(authorization);
    if (isWorkloadToken(bearer)) {
      return this.#workloads
        .verify(bearer, authorization)
        .then((caller) => admitWorkload(access, caller, named));
    }
    const { apiKeys } = this.#security;
    const principal = apiKeys.recall?.(bearer, knock.peerAddress, knock.userAgent);
    if (principal !== undefined) return this.#admitPrincipal(access, principal, knock, named);
    return apiKeys
      .authenticate(bearer, knock.peerAddress, knock.signal, knock.userAgent)
      .then((caller) => this.#admitPrincipal(access, caller, knock, named));
  }

  /**
   * For a call that lasts: rejects, as `admit` would now, if the caller is no longer good for it. A service's token
   * proves who opens a call, for two minutes; nothing takes away what it has proven.
   */
  async admitAgain({ caller }: Admitted, access: Access, knock: Knock, named: string): Promise<void> {
    if (caller.kind === "principal") await this.admit(access, knock, named);
  }

  #admitPrincipal(
    access: Access,
    caller: PrincipalCaller,
    knock: Knock,
    named: string,
  ): Admitted | Promise<Admitted> {
    const accountId = named === "" ? caller.accountId : named;
    const undecided = admitUndecided(access, caller, accountId);
    if (undecided !== undefined) return undecided;
    const { authorizer } = this.#security;
    const known = authorizer.known?.(caller, access.permission, accountId);
    if (known !== undefined) return admitDecided(access, caller, accountId, known);
    return authorizer
      .decide(caller, access.permission, accountId, knock.signal)
      .then((decision) => admitDecided(access, caller, accountId, decision));
  }
}
