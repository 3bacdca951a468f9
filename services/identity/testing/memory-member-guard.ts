import { DomainError } from "@portcullis/errors";
import type { Member } from "../domain/member.ts";
import type { MemberChangeRequest, MemberGuard } from "../domain/people-ports.ts";

/** Authorization's say in changes of memberships, kept by its rules. */
export class MemoryMemberGuard implements MemberGuard {
  /** By principal id; those who were let go are not active any more. */
  readonly #administrators = new Map<string, { readonly accountId: string; isActive: boolean }>();

  appoint({ accountId, id }: Pick<Member, "accountId" | "id">): void {
    this.#administrators.set(id, { accountId, isActive: true });
  }

  async check({ actor, isUnrestricted, target, change }: MemberChangeRequest): Promise<void> {
    const isAdministrator = actor.kind === "principal" && this.#administrators.has(actor.principalId);
    if (isUnrestricted || isAdministrator || change === "leave") return;
    if (this.#administrators.has(target.id)) {
      throw new DomainError("ADMINISTRATOR_REQUIRED", "That is for administrators.");
    }
  }

  async hold(target: Member): Promise<void> {
    const found = this.#administrators.get(target.id);
    if (found?.isActive !== true) return;
    const others = [...this.#administrators.values()].filter(
      (one) => one !== found && one.isActive && one.accountId === target.accountId,
    );
    if (others.length === 0) throw new DomainError("LAST_ADMINISTRATOR", "One must stay.");
    found.isActive = false;
  }
}
