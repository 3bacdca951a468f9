import type { MethodImpl } from "@connectrpc/connect";
import {
  type CredentialService,
  DeleteCredentialRequestSchema,
} from "@portcullis/contracts/portcullis/credential/v1/credential_pb.ts";
import { callOf } from "@portcullis/service";
import { deleteCredential as deleteNow } from "../domain/delete-credential.ts";
import { parseCredentialCommand } from "./credential-command.ts";
import type { CredentialDeps } from "./deps.ts";
import { receiptFor } from "./receipts.ts";

export function deleteCredential(
  deps: CredentialDeps,
): MethodImpl<typeof CredentialService.method.deleteCredential> {
  return async (request, context) => {
    const call = callOf(context);
    const command = parseCredentialCommand(call, DeleteCredentialRequestSchema, request);
    const effect = await deleteNow(deps, command, call.signal);
    const { accountId, id: targetId } = command;
    return receiptFor(deps, { accountId, operation: "credential.delete", targetId }, effect);
  };
}
