import { setTimeout as delay } from "node:timers/promises";
import { Code, ConnectError } from "@connectrpc/connect";
import { RoleBindingService } from "@portcullis/contracts/portcullis/authorization/v1/role_binding_pb.ts";
import { CredentialService } from "@portcullis/contracts/portcullis/credential/v1/credential_pb.ts";
import { InstallationService } from "@portcullis/contracts/portcullis/identity/v1/installation_pb.ts";
import { type Endpoint, endpointOf } from "./endpoints.ts";
import { LauncherError } from "./launcher-error.ts";
import { operatorClient } from "./operator-client.ts";

/** How the first account and person are called; `localhost` is nobody's domain. */
const firstAccount = "First account";
const firstEmail = "admin@portcullis.localhost";

const patienceMs = 30_000;
const pauseMs = 250;

/**
 * Makes an API key of the first person, super administrator and administrator of the first account, and makes
 * these where missing. All but the key may be repeated. The key has no request id: a repeat would come without
 * the secret, and a key whose secret nobody got opens nothing.
 */
export async function createAdministratorKey(
  endpoints: readonly Endpoint[],
  workloadKey: string,
  description: string,
): Promise<string> {
  const identity = endpointOf(endpoints, "identity");
  const authorization = endpointOf(endpoints, "authorization");
  const credential = endpointOf(endpoints, "credential");
  const { accountId, userId } = await patiently("identity", () =>
    operatorClient(InstallationService, identity, workloadKey).bootstrapInstallation({
      accountDisplayName: firstAccount,
      email: firstEmail,
    }),
  );
  await patiently("authorization", () =>
    operatorClient(RoleBindingService, authorization, workloadKey).createRoleBinding({
      accountId,
      principalId: userId,
      roleId: "administrator",
    }),
  );
  const { token } = await patiently("credential", () =>
    operatorClient(CredentialService, credential, workloadKey).createApiKey({
      accountId,
      ownerId: userId,
      description,
    }),
  );
  return token;
}

/** Tries again while the service can't answer, because one that it needs isn't there yet. */
async function patiently<T>(service: string, call: () => Promise<T>): Promise<T> {
  for (const end = Date.now() + patienceMs; ; await delay(pauseMs)) {
    try {
      return await call();
    } catch (error) {
      const { code, rawMessage } = ConnectError.from(error);
      if (code === Code.Unavailable && Date.now() < end) continue;
      throw new LauncherError(
        `The API key could not be made, for ${service} refused: ${rawMessage.replace(/\.$/, "")}. Start again to repeat it.`,
        { cause: error },
      );
    }
  }
}
