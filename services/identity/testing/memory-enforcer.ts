import { DomainError } from "@portcullis/errors";
import { type Applied, type Enforced, type EnforcedRef, enforcedIdOf } from "../domain/enforced.ts";
import type { Grant } from "../domain/member.ts";
import type { Enforcer } from "../domain/ports.ts";
import type { Dependents, PrincipalRef } from "../domain/principal.ts";
import { MemoryLog } from "./memory-log.ts";

/** An enforcer that keeps the rules of ApplyPrincipal, and that a test can hold up or take away. */
export class MemoryEnforcer implements Enforcer {
  readonly name: string;
  dependents: readonly Dependents[] = [];
  /** False: every call fails as if the service were not there. */
  isReachable = true;
  /** Of whom it was told, call by call. */
  readonly told: string[] = [];
  /** Awaited before a call takes effect. */
  beforeApply: (enforced: Enforced) => Promise<void> = async () => {};
  readonly log: MemoryLog;
  readonly #known = new Map<string, Enforced>();

  constructor(name: string) {
    this.name = name;
    this.log = new MemoryLog(name);
  }

  async apply(enforced: Enforced): Promise<Applied> {
    await this.beforeApply(enforced);
    this.requireReachable();
    const id = enforcedIdOf(enforced);
    this.told.push(id);
    if (this.stateOf(enforced.accountId) === "deleted" && enforced.kind !== "account") {
      return this.#applied({ ...enforced, state: "deleted" });
    }
    const known = this.#known.get(id);
    const isRevival = known?.state === "deleted" && enforced.state !== "deleted";
    if (known !== undefined && (isRevival || known.version >= enforced.version)) return this.#applied(known);
    this.#known.set(id, enforced);
    this.log.append();
    return this.#applied(enforced);
  }

  async preview(_ref: EnforcedRef): Promise<readonly Dependents[]> {
    this.requireReachable();
    return this.dependents;
  }

  /** What it enforces of a principal or account. */
  stateOf(id: string | undefined): string | undefined {
    return this.#known.get(id ?? "")?.state;
  }

  isSuperAdmin(principalId: string): boolean | undefined {
    const known = this.#known.get(principalId);
    return known === undefined || known.kind === "account" ? undefined : known.superAdmin;
  }

  versionOf(principalId: string | undefined): number | undefined {
    return this.#known.get(principalId ?? "")?.version;
  }

  protected requireReachable(): void {
    if (!this.isReachable) throw new DomainError("DEPENDENCY_UNAVAILABLE", `${this.name} is not there`);
  }

  #applied(enforced: Enforced): Applied {
    const { version, state } = enforced;
    const superAdmin = enforced.kind === "account" ? undefined : enforced.superAdmin;
    return { version, state, superAdmin, enforcement: this.log.say() };
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
