import type { MethodImpl } from "@connectrpc/connect";
import {
  CreateAuthtokenRequestSchema,
  type CredentialService,
} from "@portcullis/contracts/portcullis/credential/v1/credential_pb.ts";
import { callOf } from "@portcullis/service";
import { createAuthtoken as create } from "../domain/create-authtoken.ts";
import { parseCreateCommand } from "./create-command.ts";
import type { CredentialDeps } from "./deps.ts";
import { toCredential } from "./messages.ts";

/** The answer carries the secret; nothing else ever does. */
export function createAuthtoken(
  deps: CredentialDeps,
): MethodImpl<typeof CredentialService.method.createAuthtoken> {
  return async (request, context) => {
    const call = callOf(context);
    const command = parseCreateCommand(call, CreateAuthtokenRequestSchema, request);
    const { credential, token = "" } = await create(deps, command, call.signal);
    return { credential: toCredential(credential, deps.clock()), token };
  };
}
