import { CheckReason, CheckService } from "@portcullis/contracts/portcullis/authorization/v1/check_pb.ts";
import type { Decision as Checked, Checker } from "@portcullis/sdk";
import type { Authorizer, Decision } from "../security.ts";
import { createPeerClient, type PeerOptions } from "./peer-client.ts";
import { answerOf } from "./peer-memory.ts";

/** Has permissions checked by the authorization service, which `checker` remembers the answers of. */
export function createRemoteAuthorizer(
  checker: Pick<Checker, "recall" | "check">,
  peer: PeerOptions,
): Required<Authorizer> {
  const client = createPeerClient(CheckService, peer);
  return {
    known(caller, permission, accountId) {
      const known = checker.recall(caller, { permission, accountId });
      return known === undefined ? undefined : toDecision(known);
    },
    async decide(caller, permission, accountId, signal) {
      const remembered = checker.check(caller, { permission, accountId });
      const answer = remembered instanceof Promise ? remembered.then(toDecision) : toDecision(remembered);
      const askAnew = async () => {
        const subject = { accountId: caller.accountId, principalId: caller.principalId };
        const request = { subject, permissionId: permission, accountId };
        const { allowed, reason } = await client.check(request, { signal });
        return { allowed, superAdmin: allowed && reason === CheckReason.SUPER_ADMIN };
      };
      return answerOf("authorization", answer, askAnew, signal);
    },
  };
}

function toDecision({ allowed, reason }: Pick<Checked, "allowed" | "reason">): Decision {
  return { allowed, superAdmin: allowed && reason === "super_admin" };
}
