import { DomainError } from "@portcullis/errors";
import type { Grant } from "../domain/member.ts";
import type { Enforcer } from "../domain/ports.ts";
import type { Applied, Dependents, Principal, PrincipalRef } from "../domain/principal.ts";

/** An enforcer that keeps the rules of ApplyPrincipal, and that a test can hold up or take away. */
export class MemoryEnforcer implements Enforcer {
  readonly name: string;
  dependents: readonly Dependents[] = [];
  /** False: every call fails as if the service were not there. */
  isReachable = true;
  /** Awaited before a call takes effect. */
  beforeApply: (principal: Principal) => Promise<void> = async () => {};
  readonly #known = new Map<string, Principal>();

  constructor(name: string) {
    this.name = name;
  }

  async apply(principal: Principal): Promise<Applied> {
    await this.beforeApply(principal);
    this.requireReachable();
    const known = this.#known.get(principal.principalId);
    const isRevival = known?.state === "deleted" && principal.state !== "deleted";
    if (known !== undefined && (isRevival || known.version >= principal.version)) return known;
    this.#known.set(principal.principalId, principal);
    return principal;
  }

  async preview(_ref: PrincipalRef): Promise<readonly Dependents[]> {
    this.requireReachable();
    return this.dependents;
  }

  /** What it enforces. */
  stateOf(principalId: string | undefined): string | undefined {
    return this.#known.get(principalId ?? "")?.state;
  }

  isSuperAdmin(principalId: string): boolean | undefined {
    return this.#known.get(principalId)?.superAdmin;
  }

  versionOf(principalId: string | undefined): number | undefined {
    return this.#known.get(principalId ?? "")?.version;
  }

  protected requireReachable(): void {
    if (!this.isReachable) throw new DomainError("DEPENDENCY_UNAVAILABLE", `${this.name} is not there`);
  }
}

/** One that gives as well, as authorization does: what was given once is not given again. */
export class GrantingMemoryEnforcer extends MemoryEnforcer {
  /** Awaited before a grant takes effect. */
  beforeGrant: () => Promise<void> = async () => {};
  readonly #given = new Map<string, readonly Grant[]>();

  async grant({ principalId }: PrincipalRef, grants: readonly Grant[]): Promise<void> {
    await this.beforeGrant();
    this.requireReachable();
    const given = this.#given.get(principalId) ?? [];
    const missing = grants.filter(
      ({ kind, targetId }) => !given.some((had) => had.kind === kind && had.targetId === targetId),
    );
    this.#given.set(principalId, [...given, ...missing]);
  }

  grantsOf(principalId: string | undefined): readonly Grant[] {
    return this.#given.get(principalId ?? "") ?? [];
  }
}
