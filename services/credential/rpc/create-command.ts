import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import type { Timestamp } from "@bufbuild/protobuf/wkt";
import { type Call, mutationOf } from "@portcullis/service";
import type { CreateCredentialCommand } from "../domain/create-credential.ts";
import { parseRequestedRanges, parseRequestedRules } from "../domain/restrictions.ts";
import { parseInstant, parseText } from "./fields.ts";
import { accountIdOf } from "./messages.ts";

/** The part that the creation of all kinds has in common. An API key's request has no rules. */
export function parseCreateCommand<Desc extends DescMessage>(
  call: Call,
  schema: Desc,
  request: MessageShape<Desc> & {
    readonly ownerId: string;
    readonly description: string;
    readonly metadata: string;
    readonly aclRules?: readonly string[];
    readonly allowedIpRanges: readonly string[];
    readonly expireTime?: Timestamp | undefined;
    readonly requestId: string;
  },
): CreateCredentialCommand {
  return {
    mutation: mutationOf(call, schema, request),
    accountId: accountIdOf(call),
    isUnrestricted: call.unrestricted,
    ownerText: request.ownerId,
    description: parseText("description", request.description),
    metadata: parseText("metadata", request.metadata),
    aclRules: parseRequestedRules(request.aclRules ?? []),
    allowedIpRanges: parseRequestedRanges(request.allowedIpRanges),
    expiresAt: parseInstant("expire_time", request.expireTime),
  };
}
