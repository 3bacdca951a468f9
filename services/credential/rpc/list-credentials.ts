import type { MethodImpl } from "@connectrpc/connect";
import type { CredentialService } from "@portcullis/contracts/portcullis/credential/v1/credential_pb.ts";
import { callOf } from "@portcullis/service";
import { type CredentialId, isCredentialId, isPrincipalId, type PrincipalId } from "../domain/ids.ts";
import type { CredentialDeps } from "./deps.ts";
import { invalid } from "./fields.ts";
import { accountIdOf, parseKinds, parsePage, toCredential } from "./messages.ts";

export function listCredentials(
  deps: CredentialDeps,
): MethodImpl<typeof CredentialService.method.listCredentials> {
  return async (request, context) => {
    const call = callOf(context);
    const { ownerId = "", kinds = [], beforeId = "" } = request.filter ?? {};
    const filter = {
      ownerId: parseOwner(ownerId),
      kinds: parseKinds(kinds),
      ...(beforeId === "" ? {} : { beforeId: parseBeforeId(beforeId) }),
    };
    const page = await deps.credentials.list(accountIdOf(call), filter, parsePage(request), call.signal);
    const now = deps.clock();
    return {
      credentials: page.items.map((credential) => toCredential(credential, now)),
      nextPageToken: page.nextToken,
    };
  };
}

/** Empty for any. An unknown one has no credentials; what can't be one is a mistake. */
function parseOwner(text: string): PrincipalId | undefined {
  if (text === "") return undefined;
  if (isPrincipalId(text)) return text;
  throw invalid("filter.owner_id", "must be the id of a user or service user");
}

function parseBeforeId(text: string): CredentialId {
  if (isCredentialId(text)) return text;
  throw invalid("filter.before_id", "must be the id of a credential");
}
