import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import { type Call, mutationOf } from "@portcullis/service";
import type { CredentialCommand } from "../domain/change-credential.ts";
import { parseCredentialId } from "../domain/ids.ts";
import { accountIdOf, parseEtag } from "./messages.ts";

/** The part that all changes of one credential have in common. */
export function parseCredentialCommand<Desc extends DescMessage>(
  call: Call,
  schema: Desc,
  request: MessageShape<Desc> & {
    readonly credentialId: string;
    readonly etag: string;
    readonly requestId: string;
  },
): CredentialCommand {
  return {
    mutation: mutationOf(call, schema, request),
    accountId: accountIdOf(call),
    id: parseCredentialId(request.credentialId),
    etag: parseEtag(request.etag),
  };
}
