import { DomainError } from "@portcullis/errors";
import { isGrantable, isPermissionId } from "./catalog.ts";
import { effectivePermissions } from "./holdings.ts";
import { parsePrincipalRef } from "./ids.ts";
import type { Actor, Mutation } from "./mutation.ts";
import type { Tx } from "./ports.ts";
import type { PrincipalTx } from "./principal-ports.ts";

/** PERMISSION_NOT_FOUND or PERMISSION_NOT_GRANTABLE for the first that can't be given to anybody. */
export async function requireGrantable(tx: Tx, permissionIds: readonly string[]): Promise<void> {
  const registered = await tx.catalog.registered(permissionIds.filter((id) => !isPermissionId(id)));
  for (const permissionId of permissionIds) {
    const metadata = { permission_id: permissionId };
    if (isPermissionId(permissionId)) {
      if (isGrantable(permissionId)) continue;
      throw new DomainError(
        "PERMISSION_NOT_GRANTABLE",
        `Operators alone hold ${permissionId}: it is in no role.`,
        { metadata },
      );
    }
    if (registered.has(permissionId)) continue;
    throw new DomainError(
      "PERMISSION_NOT_FOUND",
      `There is no permission ${permissionId}. ListCatalogPermissions tells which there are.`,
      { metadata },
    );
  }
}

/**
 * Nobody gives, to others or to themselves, what they don't hold: GRANT_ABOVE_OWN_LEVEL. The services of the
 * installation and super administrators give anything.
 */
export async function requireLevel(
  tx: Tx,
  { actor, accountId }: Mutation,
  permissionIds: readonly string[],
): Promise<void> {
  if (permissionIds.length === 0 || actor.kind === "workload") return;
  const level = await levelOf(tx, actor, accountId);
  if (level.of === "all") return;
  const lacking = permissionIds.find((permissionId) => !level.permissionIds.has(permissionId));
  if (lacking === undefined) return;
  throw new DomainError(
    "GRANT_ABOVE_OWN_LEVEL",
    `This would give ${lacking}, which you don't hold yourself. Ask somebody who does.`,
    { metadata: { permission_id: lacking } },
  );
}

/** What an actor may give in the account. */
export type Level =
  | { readonly of: "all" }
  | { readonly of: "some"; readonly permissionIds: ReadonlySet<string>; readonly administrator: boolean };

/** Read within the transaction: who lost a permission before it can't give it any more. */
export async function levelOf(tx: PrincipalTx, actor: Actor, accountId: string): Promise<Level> {
  if (actor.kind === "workload") return { of: "all" };
  const nothing = { of: "some", permissionIds: new Set<string>(), administrator: false } as const;
  const ref = parsePrincipalRef(actor.accountId, actor.principalId);
  const holdings = ref === undefined ? undefined : await tx.holdingsOf(ref);
  if (holdings === undefined || holdings.principal.state !== "active") return nothing;
  if (holdings.principal.superAdmin) return { of: "all" };
  if (actor.accountId !== accountId) return nothing;
  const held = effectivePermissions(holdings);
  const administrator = holdings.principal.kind === "user" && holdings.boundRoleIds.includes("administrator");
  return { of: "some", permissionIds: new Set(held.keys()), administrator };
}
