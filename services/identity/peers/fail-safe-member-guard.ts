import { DomainError } from "@portcullis/errors";
import type { MemberGuard } from "../domain/people-ports.ts";

/**
 * For as long as authorization can't be asked who is an administrator: only super administrators change
 * memberships, and people leave by themselves. That somebody active stays is the domain's own rule.
 */
export const failSafeMemberGuard: MemberGuard = {
  async check({ isUnrestricted, change }) {
    if (isUnrestricted || change === "leave") return;
    throw new DomainError(
      "MEMBER_IS_ADMINISTRATOR",
      "Whether that member is an administrator can't be told at present. Ask an operator of the installation.",
    );
  },
  async hold() {},
};
