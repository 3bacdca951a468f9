import { apiKeyOperations } from "./api-keys.ts";
import { credentialOperations } from "./credentials.ts";
import type { Operation } from "./operation.ts";
import { serviceUserOperations } from "./service-users.ts";
import { sshCredentialOperations } from "./ssh-credentials.ts";

/** Everything that this API does: its routes, and its documentation. */
export const operations: readonly Operation[] = [
  ...serviceUserOperations,
  ...credentialOperations,
  ...apiKeyOperations,
  ...sshCredentialOperations,
];
