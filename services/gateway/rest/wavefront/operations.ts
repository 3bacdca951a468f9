import { accessListOperations } from "./access-lists.ts";
import { accountOperations } from "./accounts.ts";
import { logoutOperations } from "./logout.ts";
import type { Operation } from "./operation.ts";
import { roleOperations } from "./roles.ts";
import { searchOperations } from "./search.ts";
import { serviceAccountOperations } from "./service-accounts.ts";
import { settingsOperations } from "./settings.ts";
import { tokenOperations } from "./tokens.ts";
import { userGroupOperations } from "./user-groups.ts";
import { legacyUserOperations, userOperations } from "./users.ts";

/** Everything that this API does: its routes, of which the first that fits answers, and its documentation. */
export const operations: readonly Operation[] = [
  ...userOperations,
  ...serviceAccountOperations,
  ...accountOperations,
  ...legacyUserOperations,
  ...tokenOperations,
  ...userGroupOperations,
  ...roleOperations,
  ...searchOperations,
  ...accessListOperations,
  ...settingsOperations,
  ...logoutOperations,
];
