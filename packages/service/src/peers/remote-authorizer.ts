import type { Client } from "@connectrpc/connect";
import {
  CheckReason,
  type CheckService,
} from "@portcullis/contracts/portcullis/authorization/v1/check_pb.ts";
import type { Authorizer } from "../security.ts";
import { unavailablePeer } from "./peer-client.ts";

/** Has permissions checked by the authorization service. */
export function createRemoteAuthorizer(client: Client<typeof CheckService>): Authorizer {
  return {
    async decide(caller, permissionId, accountId, signal) {
      const { allowed, reason } = await client
        .check(
          {
            subject: { accountId: caller.accountId, principalId: caller.principalId },
            permissionId,
            accountId,
          },
          { signal },
        )
        .catch((error: unknown) => {
          throw unavailablePeer("authorization", error);
        });
      return { allowed, superAdmin: allowed && reason === CheckReason.SUPER_ADMIN };
    },
  };
}
