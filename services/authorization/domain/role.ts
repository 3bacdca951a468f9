import type { GrantablePermissionId } from "./catalog.ts";

/** A membership has one value of each of the first three, and the administrator flag. */
export type RoleAspect = "developer" | "team" | "billing" | "administrator";

/** A named set of permissions. */
export interface Role<Id extends string = string> {
  readonly roleId: Id;
  readonly displayName: string;
  readonly aspect: RoleAspect;
  readonly permissions: ReadonlySet<GrantablePermissionId>;
}
