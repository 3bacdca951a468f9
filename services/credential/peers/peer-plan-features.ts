import type { Client } from "@connectrpc/connect";
import type { AccountService } from "@portcullis/contracts/portcullis/identity/v1/account_pb.ts";
import { unavailablePeer } from "@portcullis/service";
import type { PlanFeatures } from "../domain/ports.ts";

/** Has identity tell what plans have. */
export function createPeerPlanFeatures(
  client: Pick<Client<typeof AccountService>, "checkFeature">,
): PlanFeatures {
  return {
    async allowsAcls(accountId, signal) {
      const { allowed } = await client
        .checkFeature({ accountId, feature: "acls" }, { signal })
        .catch((error: unknown) => {
          throw unavailablePeer("identity", error);
        });
      return allowed;
    },
  };
}
