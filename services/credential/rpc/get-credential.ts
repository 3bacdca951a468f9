import type { MethodImpl } from "@connectrpc/connect";
import type { CredentialService } from "@portcullis/contracts/portcullis/credential/v1/credential_pb.ts";
import { callOf } from "@portcullis/service";
import { getCredential as read } from "../domain/get-credential.ts";
import { parseCredentialId } from "../domain/ids.ts";
import type { CredentialDeps } from "./deps.ts";
import { accountIdOf, toCredential } from "./messages.ts";

export function getCredential(
  deps: CredentialDeps,
): MethodImpl<typeof CredentialService.method.getCredential> {
  return async (request, context) => {
    const call = callOf(context);
    const id = parseCredentialId(request.credentialId);
    const found = await read(deps, accountIdOf(call), id, call.signal);
    return { credential: toCredential(found, deps.clock()) };
  };
}
