import type { DescMessage, MessageInitShape, MessageShape } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import {
  type MembershipSchema,
  MembershipState as WireState,
} from "@portcullis/contracts/portcullis/identity/v1/membership_pb.ts";
import { type Call, mutationOf } from "@portcullis/service";
import type { MemberCommand } from "../domain/change-member.ts";
import { etagOf } from "../domain/etag.ts";
import { parseMemberId } from "../domain/ids.ts";
import type { Member } from "../domain/member.ts";
import type { MemberProfile } from "../domain/people-ports.ts";
import { accountIdOf, parseEtag } from "./messages.ts";

export const wireOfMemberState = {
  active: WireState.ACTIVE,
  inactive: WireState.DISABLED,
  deleted: WireState.ENDED,
} as const satisfies Record<Member["state"], WireState>;

export function toMembership({
  member,
  email,
  displayName,
  totpEnabled,
  lastSignInAt,
}: MemberProfile): MessageInitShape<typeof MembershipSchema> {
  return {
    principalId: member.id,
    accountId: member.accountId,
    userId: member.userId,
    email,
    displayName,
    totpEnabled,
    state: wireOfMemberState[member.state],
    createTime: timestampFromDate(member.createdAt),
    updateTime: timestampFromDate(member.updatedAt),
    etag: etagOf(member),
    ...(lastSignInAt === undefined ? {} : { lastSignInTime: timestampFromDate(lastSignInAt) }),
  };
}

/** The part that all changes of one membership have in common. */
export function parseMemberCommand<Desc extends DescMessage>(
  call: Call,
  schema: Desc,
  request: MessageShape<Desc> & {
    readonly principalId: string;
    readonly etag: string;
    readonly requestId: string;
  },
): MemberCommand {
  return {
    mutation: mutationOf(call, schema, request),
    isUnrestricted: call.unrestricted,
    accountId: accountIdOf(call),
    id: parseMemberId(request.principalId),
    etag: parseEtag(request.etag),
  };
}
