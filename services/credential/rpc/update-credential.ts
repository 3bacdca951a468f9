import type { MethodImpl } from "@connectrpc/connect";
import {
  type CredentialService,
  UpdateCredentialRequestSchema,
} from "@portcullis/contracts/portcullis/credential/v1/credential_pb.ts";
import { callOf, parseUpdateMask } from "@portcullis/service";
import { parseRequestedRanges, parseRequestedRules } from "../domain/restrictions.ts";
import { updateCredential as update } from "../domain/update-credential.ts";
import { parseCredentialCommand } from "./credential-command.ts";
import type { CredentialDeps } from "./deps.ts";
import { parseText } from "./fields.ts";
import { toCredential } from "./messages.ts";
import { receiptFor } from "./receipts.ts";

const updatable = ["description", "metadata", "acl_rules", "allowed_ip_ranges"] as const;

export function updateCredential(
  deps: CredentialDeps,
): MethodImpl<typeof CredentialService.method.updateCredential> {
  return async (request, context) => {
    const call = callOf(context);
    const fields = parseUpdateMask(request.updateMask, updatable);
    const { description, metadata, aclRules, allowedIpRanges } = request;
    const changes = {
      ...(fields.has("description") ? { description: parseText("description", description) } : {}),
      ...(fields.has("metadata") ? { metadata: parseText("metadata", metadata) } : {}),
      ...(fields.has("acl_rules") ? { aclRules: parseRequestedRules(aclRules) } : {}),
      ...(fields.has("allowed_ip_ranges") ? { allowedIpRanges: parseRequestedRanges(allowedIpRanges) } : {}),
    };
    const command = parseCredentialCommand(call, UpdateCredentialRequestSchema, request);
    const { value, effect } = await update(deps, command, changes, call.signal);
    const { accountId, id: targetId } = value;
    return {
      credential: toCredential(value, deps.clock()),
      ...(await receiptFor(deps, { accountId, operation: "credential.update", targetId }, effect)),
    };
  };
}
