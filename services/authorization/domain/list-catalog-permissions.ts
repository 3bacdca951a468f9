import { catalog, permissionIds } from "./catalog.ts";
import type { CatalogStore } from "./catalog-ports.ts";
import type { RegisteredPermission } from "./register-permissions.ts";

/** Every permission there is, by id: built-in ones (their namespace is empty) and registered ones. */
export async function listCatalogPermissions(
  deps: { readonly catalog: CatalogStore },
  signal: AbortSignal,
): Promise<readonly RegisteredPermission[]> {
  const builtIn = permissionIds.map((permissionId) => ({
    permissionId,
    description: catalog[permissionId],
    namespace: "",
    retired: false,
  }));
  const registered = await deps.catalog.registeredPermissions(signal);
  return [...builtIn, ...registered].toSorted((a, b) => (a.permissionId < b.permissionId ? -1 : 1));
}
