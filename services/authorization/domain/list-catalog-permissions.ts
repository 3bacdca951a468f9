import { catalog, type PermissionId, permissionIds } from "./catalog.ts";

/** The smallest thing that can be granted. */
export interface Permission {
  readonly permissionId: PermissionId;
  /** What it allows, for people. */
  readonly description: string;
}

/** Every permission there is, by id. */
export function listCatalogPermissions(): readonly Permission[] {
  return permissionIds.map((permissionId) => ({ permissionId, description: catalog[permissionId] }));
}
