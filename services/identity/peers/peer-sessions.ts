import { timestampDate } from "@bufbuild/protobuf/wkt";
import type { Client } from "@connectrpc/connect";
import type { Enforcement as WireEnforcement } from "@portcullis/contracts/portcullis/common/v1/receipt_pb.ts";
import type { SessionService } from "@portcullis/contracts/portcullis/credential/v1/session_pb.ts";
import { DomainError } from "@portcullis/errors";
import { reasonOf, unavailablePeer } from "@portcullis/service";
import type { Sessions } from "../domain/people-ports.ts";
import type { Enforcement } from "../domain/revocation.ts";
import { parseEnforcement } from "./parse-enforcement.ts";

export interface SessionLifetimes {
  /** Without use for so long a session ends, in seconds. */
  readonly idleSeconds: number;
  /** After so long it ends in any case, in seconds. */
  readonly totalSeconds: number;
}

/** No sign-in has this id. */
const noGroup = "sgn_none";

/** The credential service's sessions. */
export function createPeerSessions(
  client: Client<typeof SessionService>,
  { idleSeconds, totalSeconds }: SessionLifetimes,
): Sessions {
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
    endGroup: (groupId, signal) => saidBy(client.endSessionGroup({ sessionGroupId: groupId }, { signal })),
    endOfUser({ userId, belowSecretsVersion, exceptGroupId }, signal) {
      const request = {
        userId,
        belowSecretsVersion: BigInt(belowSecretsVersion),
        exceptSessionGroupId: exceptGroupId,
      };
      return saidBy(client.endUserSessions(request, { signal }));
    },
    endInAccount: (accountId, userIds, signal) =>
      saidBy(client.endMemberSessions({ accountId, userIds: [...userIds] }, { signal })),
    confirmEnded: (signal) => saidBy(client.endSessionGroup({ sessionGroupId: noGroup }, { signal })),
  };
}

/** What credential says of sessions that it was told to end. */
async function saidBy(
  ending: Promise<{ readonly enforcement?: WireEnforcement | undefined }>,
): Promise<Enforcement> {
  const { enforcement } = await ending.catch((error: unknown) => {
    throw unavailablePeer("credential", error);
  });
  const said = parseEnforcement("credential", enforcement);
  if (said === undefined) throw unavailablePeer("credential", new Error("it does not say since when"));
  return said;
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
