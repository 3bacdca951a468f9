import type { RegisteredPermission, RegisteredVersion, Registration } from "./register-permissions.ts";

export interface CatalogTx {
  /** Others wait with the namespace until the transaction ends. Undefined: it was new, and is there now. */
  addOrLockNamespace(registration: Registration): Promise<RegisteredVersion | undefined>;
  /** Makes the content of a locked namespace that of the registration; what is not in it is retired. */
  replaceContent(registration: Registration): Promise<void>;
  /** Those of the ids that are registered and not retired. */
  registered(permissionIds: readonly string[]): Promise<ReadonlySet<string>>;
}

export interface CatalogStore {
  /** By id, retired ones too. */
  registeredPermissions(signal: AbortSignal): Promise<readonly RegisteredPermission[]>;
}
