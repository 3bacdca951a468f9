import { timestampDate } from "@bufbuild/protobuf/wkt";
import type { Client } from "@connectrpc/connect";
import type { SessionService } from "@portcullis/contracts/portcullis/credential/v1/session_pb.ts";
import { DomainError } from "@portcullis/errors";
import { reasonOf, unavailablePeer } from "@portcullis/service";
import type { Sessions } from "../domain/people-ports.ts";

export interface SessionLifetimes {
  /** Without use for so long a session ends, in seconds. */
  readonly idleSeconds: number;
  /** After so long it ends in any case, in seconds. */
  readonly totalSeconds: number;
}

/** The credential service's sessions. */
export function createPeerSessions(
  client: Client<typeof SessionService>,
  { idleSeconds, totalSeconds }: SessionLifetimes,
): Sessions {
  const fail = (error: unknown) => {
    throw unavailablePeer("credential", error);
  };
  return {
    async create({ member, groupId, secretsVersion, userAgent, sourceIp }, signal) {
      const request = {
        accountId: member.accountId,
        ownerId: member.id,
        userId: member.userId,
        sessionGroupId: groupId,
        secretsVersion: BigInt(secretsVersion),
        idleLifetime: { seconds: BigInt(idleSeconds) },
        lifetime: { seconds: BigInt(totalSeconds) },
        userAgent: userAgent.slice(0, 255),
        sourceIp,
      };
      const { session, token } = await client.createSession(request, { signal }).catch((error: unknown) => {
        if (reasonOf(error) === "PRINCIPAL_NOT_FOUND") throw notActive(error);
        if (reasonOf(error) === "ACCOUNT_SUSPENDED") throw suspended(error);
        throw unavailablePeer("credential", error);
      });
      const expireTime = session?.expireTime;
      if (expireTime === undefined) throw new Error("credential created a session that does not expire");
      return { token, expiresAt: timestampDate(expireTime) };
    },
    async endGroup(groupId, signal) {
      await client.endSessionGroup({ sessionGroupId: groupId }, { signal }).catch(fail);
    },
    async endOfUser({ userId, belowSecretsVersion, exceptGroupId }, signal) {
      const request = {
        userId,
        belowSecretsVersion: BigInt(belowSecretsVersion),
        exceptSessionGroupId: exceptGroupId,
      };
      await client.endUserSessions(request, { signal }).catch(fail);
    },
    async endInAccount(accountId, userIds, signal) {
      await client.endMemberSessions({ accountId, userIds: [...userIds] }, { signal }).catch(fail);
    },
  };
}

/** Disabled or removed at this moment. */
function notActive(cause: unknown): DomainError {
  return new DomainError("NO_ACTIVE_MEMBERSHIP", "You are no active member of that account any more.", {
    cause,
  });
}

function suspended(cause: unknown): DomainError {
  const message = "The account is suspended. Ask an operator of the installation to restore it.";
  return new DomainError("ACCOUNT_SUSPENDED", message, { cause });
}
