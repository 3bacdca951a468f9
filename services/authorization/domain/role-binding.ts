import type { PrincipalRef } from "./ids.ts";

/** A user holds a role; of each aspect at most one. */
export interface RoleBinding extends PrincipalRef {
  /** May be a role of a newer release. */
  readonly roleId: string;
  readonly createdAt: Date;
}
