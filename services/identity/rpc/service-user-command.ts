import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import { type Call, mutationOf } from "@portcullis/service";
import type { ServiceUserCommand } from "../domain/change-service-user.ts";
import { accountIdOf, parseEtag, parseServiceUserRef } from "./messages.ts";

/** The part that all changes of one service user have in common. */
export function parseServiceUserCommand<Desc extends DescMessage>(
  call: Call,
  schema: Desc,
  request: MessageShape<Desc> & {
    readonly serviceUserId: string;
    readonly etag: string;
    readonly requestId: string;
  },
): ServiceUserCommand {
  return {
    mutation: mutationOf(call, schema, request),
    accountId: accountIdOf(call),
    ref: parseServiceUserRef(request.serviceUserId),
    etag: parseEtag(request.etag),
  };
}
