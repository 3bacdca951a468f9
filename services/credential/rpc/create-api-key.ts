import type { MethodImpl } from "@connectrpc/connect";
import {
  CreateApiKeyRequestSchema,
  type CredentialService,
} from "@portcullis/contracts/portcullis/credential/v1/credential_pb.ts";
import { callOf } from "@portcullis/service";
import { createApiKey as create } from "../domain/create-api-key.ts";
import { parseCreateCommand } from "./create-command.ts";
import type { CredentialDeps } from "./deps.ts";
import { toCredential } from "./messages.ts";

/** The answer carries the secret; nothing else ever does. */
export function createApiKey(deps: CredentialDeps): MethodImpl<typeof CredentialService.method.createApiKey> {
  return async (request, context) => {
    const call = callOf(context);
    const command = parseCreateCommand(call, CreateApiKeyRequestSchema, request);
    const { credential, token = "" } = await create(deps, command, call.signal);
    return { credential: toCredential(credential, deps.clock()), token };
  };
}
