import { levelOf } from "./grantable.ts";
import type { PrincipalRef } from "./ids.ts";
import { refuseRoleChange } from "./member-guard.ts";
import type { Mutation } from "./mutation.ts";
import type { PrincipalTx } from "./principal-ports.ts";

/** ADMINISTRATOR_REQUIRED or GRANT_ABOVE_OWN_LEVEL unless the actor may give these roles to that member. */
export async function requireRight(
  tx: PrincipalTx,
  { actor }: Mutation,
  ref: PrincipalRef,
  given: readonly string[],
): Promise<void> {
  if (actor.kind === "workload") return;
  const before = new Set((await tx.holdingsOf(ref))?.boundRoleIds);
  const level = await levelOf(tx, actor, ref.accountId);
  const refusal = refuseRoleChange(level, before, new Set([...before, ...given]));
  if (refusal !== undefined) throw refusal;
}
