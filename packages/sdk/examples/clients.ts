import { createClients, reasonOf } from "@portcullis/sdk";

/** Creates a service user with an API key, and takes it out of service again. */
export async function comeAndGo(
  addresses: { identity: string; authorization: string; credential: string[] },
  apiKey: string,
) {
  using clients = createClients({ ...addresses, apiKey });
  const { serviceUser } = await clients.serviceUsers.createServiceUser({ name: "deployer" });
  const serviceUserId = serviceUser?.serviceUserId ?? "";
  const { token } = await clients.credentials.createApiKey({ ownerId: serviceUserId });
  try {
    // Sent again by itself, with the same request_id, where a replica is not there.
    await clients.serviceUsers.deactivateServiceUser({ serviceUserId });
  } catch (error) {
    if (reasonOf(error) !== "ENFORCEMENT_PENDING") throw error;
    // Saved, but not known to be in force yet: the same call again tells when it is.
  }
  return token;
}
