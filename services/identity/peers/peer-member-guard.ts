import { type Client, ConnectError } from "@connectrpc/connect";
import {
  type GuardService,
  MemberChange as WireChange,
} from "@portcullis/contracts/portcullis/authorization/v1/guard_pb.ts";
import { DomainError, type ErrorReason } from "@portcullis/errors";
import { reasonNamed, reasonOf, unavailablePeer } from "@portcullis/service";
import type { MemberChange, MemberGuard } from "../domain/people-ports.ts";

/** To leave needs nobody's leave; that an administrator stays is for `hold` to make sure. */
const wireChange = {
  disable: WireChange.DISABLE,
  enable: WireChange.ENABLE,
  remove: WireChange.REMOVE,
} as const satisfies Record<Exclude<MemberChange, "leave">, WireChange>;

/** What a hold is refused with for what it asks; all else says that it could not be asked. */
const refusals: readonly (ErrorReason | undefined)[] = ["LAST_ADMINISTRATOR", "PRINCIPAL_NOT_FOUND"];

/** Asks authorization, which knows who is an administrator. */
export function createPeerMemberGuard(client: Client<typeof GuardService>): MemberGuard {
  return {
    async check({ actor, isUnrestricted, target, change }, signal) {
      // Super administrators and services are above all members.
      if (change === "leave" || isUnrestricted) return;
      if (actor.kind !== "principal") throw new Error("only principals change memberships");
      const request = {
        accountId: target.accountId,
        actor: { accountId: actor.accountId, principalId: actor.principalId },
        targetId: target.id,
        change: wireChange[change],
      };
      const { allowed, reason, message } = await client
        .checkMemberChange(request, { signal })
        .catch((error: unknown) => {
          throw unavailablePeer("authorization", error);
        });
      if (!allowed) throw new DomainError(reasonNamed(reason) ?? "PERMISSION_DENIED", message);
    },
    async hold(target, version, signal) {
      const request = { accountId: target.accountId, principalId: target.id, version: BigInt(version) };
      await client.holdMember(request, { signal }).catch((error: unknown) => {
        const reason = reasonOf(error);
        if (reason === undefined || !refusals.includes(reason)) throw unavailablePeer("authorization", error);
        throw new DomainError(reason, ConnectError.from(error).rawMessage, { cause: error });
      });
    },
  };
}
