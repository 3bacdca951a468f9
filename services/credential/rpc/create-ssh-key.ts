import type { MethodImpl } from "@connectrpc/connect";
import {
  CreateSshKeyRequestSchema,
  type CredentialService,
} from "@portcullis/contracts/portcullis/credential/v1/credential_pb.ts";
import { callOf } from "@portcullis/service";
import { createSshKey as create } from "../domain/create-ssh-key.ts";
import { parseSshPublicKey } from "../domain/ssh-key.ts";
import { parseCreateCommand } from "./create-command.ts";
import type { CredentialDeps } from "./deps.ts";
import { toCredential } from "./messages.ts";

export function createSshKey(deps: CredentialDeps): MethodImpl<typeof CredentialService.method.createSshKey> {
  return async (request, context) => {
    const call = callOf(context);
    const command = {
      ...parseCreateCommand(call, CreateSshKeyRequestSchema, request),
      key: parseSshPublicKey(request.publicKey),
    };
    return { credential: toCredential(await create(deps, command, call.signal), deps.clock()) };
  };
}
