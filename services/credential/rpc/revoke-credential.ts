import type { MethodImpl } from "@connectrpc/connect";
import {
  type CredentialService,
  RevokeCredentialRequestSchema,
} from "@portcullis/contracts/portcullis/credential/v1/credential_pb.ts";
import { callOf } from "@portcullis/service";
import { revokeCredential as revoke } from "../domain/revoke-credential.ts";
import { parseCredentialCommand } from "./credential-command.ts";
import type { CredentialDeps } from "./deps.ts";
import { toCredential } from "./messages.ts";
import { receiptFor } from "./receipts.ts";

export function revokeCredential(
  deps: CredentialDeps,
): MethodImpl<typeof CredentialService.method.revokeCredential> {
  return async (request, context) => {
    const call = callOf(context);
    const command = parseCredentialCommand(call, RevokeCredentialRequestSchema, request);
    const { value, effect } = await revoke(deps, command, call.signal);
    const { accountId, id: targetId } = value;
    return {
      credential: toCredential(value, deps.clock()),
      ...(await receiptFor(deps, { accountId, operation: "credential.revoke", targetId }, effect)),
    };
  };
}
