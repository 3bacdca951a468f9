import { randomUUID } from "node:crypto";
import { CheckReason } from "@portcullis/contracts/portcullis/authorization/v1/check_pb.ts";
import { VerificationResult as Result } from "@portcullis/contracts/portcullis/credential/v1/verification_pb.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectClients, reasonFrom } from "./support/connect-client.ts";
import { type Call, grpcJsClient } from "./support/grpc-js-client.ts";
import { type Installation, startInstallation } from "./support/installation.ts";
import { newSshPublicKey } from "./support/ssh-key.ts";

let installation: Installation;
beforeAll(async () => {
  installation = await startInstallation();
});
afterAll(() => installation[Symbol.asyncDispose]());

/** The three credentials of a service user. */
interface Proofs {
  readonly authtoken: string;
  readonly apiKey: string;
  readonly sshKey: string;
}

/** What a user does in the main job, in the words of one client library. */
interface MainJob {
  createServiceUser(name: string): Promise<string>;
  createProofs(serviceUserId: string): Promise<Proofs>;
  change(verb: "activate" | "deactivate" | "delete", serviceUserId: string): Promise<unknown>;
  /** The results for authtoken, API key and SSH key, from each replica in turn. */
  verify(proofs: Proofs): Promise<string[]>;
}

function throughConnect(protocol: "grpc" | "connect"): MainJob {
  const { serviceUsers, credentials, verify } = connectClients(installation, installation.apiKey, protocol);
  return {
    async createServiceUser(name) {
      const { serviceUser } = await serviceUsers.createServiceUser({ name });
      return serviceUser?.serviceUserId ?? expect.fail();
    },
    async createProofs(ownerId) {
      const sshKey = newSshPublicKey();
      const [authtoken, apiKey] = await Promise.all([
        credentials.createAuthtoken({ ownerId }),
        credentials.createApiKey({ ownerId }),
        credentials.createSshKey({ ownerId, publicKey: sshKey }),
      ]);
      return { authtoken: authtoken.token, apiKey: apiKey.token, sshKey };
    },
    change: (verb, serviceUserId) => serviceUsers[`${verb}ServiceUser`]({ serviceUserId }),
    async verify({ authtoken, apiKey, sshKey }) {
      const answers = await Promise.all(
        verify.flatMap((replica) => [
          replica.verifyToken({ token: authtoken }),
          replica.verifyToken({ token: apiKey }),
          replica.verifySshKey({ publicKey: sshKey }),
        ]),
      );
      return answers.map(({ verification }) => nameOf(verification?.result));
    },
  };
}

function throughGrpcJs(): MainJob {
  const client = (url: string, service: string) => grpcJsClient(url, service, installation.apiKey).call;
  const serviceUsers = client(installation.identity.url, "portcullis.identity.v1.ServiceUserService");
  const credentials = client(installation.credentials[0].url, "portcullis.credential.v1.CredentialService");
  const verify = installation.credentials.map(({ url }) =>
    client(url, "portcullis.credential.v1.VerificationService"),
  );
  const tokenOf = async (call: Call, method: string, ownerId: string) =>
    String((await call(method, { ownerId })).token);
  return {
    async createServiceUser(name) {
      const { serviceUser } = await serviceUsers("createServiceUser", { name });
      return String((serviceUser as { serviceUserId: unknown }).serviceUserId);
    },
    async createProofs(ownerId) {
      const sshKey = newSshPublicKey();
      await credentials("createSshKey", { ownerId, publicKey: sshKey });
      const authtoken = await tokenOf(credentials, "createAuthtoken", ownerId);
      return { authtoken, apiKey: await tokenOf(credentials, "createApiKey", ownerId), sshKey };
    },
    change: (verb, serviceUserId) => serviceUsers(`${verb}ServiceUser`, { serviceUserId }),
    async verify({ authtoken, apiKey, sshKey }) {
      const answers = await Promise.all(
        verify.flatMap((replica) => [
          replica("verifyToken", { token: authtoken }),
          replica("verifyToken", { token: apiKey }),
          replica("verifySshKey", { publicKey: sshKey }),
        ]),
      );
      return answers.map(({ verification }) =>
        String((verification as { result: unknown }).result).replace("VERIFICATION_RESULT_", ""),
      );
    },
  };
}

function nameOf(result: Result | undefined): string {
  return Object.entries(Result).find(([, value]) => value === result)?.[0] ?? "?";
}

const six = (result: string) => Array.from({ length: 6 }, () => result);

describe.each([
  ["grpc-js", throughGrpcJs],
  ["Connect's gRPC", () => throughConnect("grpc")],
  ["the Connect protocol", () => throughConnect("connect")],
])("through %s", (_, createJob) => {
  test("a service user's credentials work, are refused from the moment it is deactivated, work again, and are gone with it", async () => {
    const job = createJob();
    const serviceUserId = await job.createServiceUser(`bot-${randomUUID()}`);
    const proofs = await job.createProofs(serviceUserId);
    expect(await job.verify(proofs)).toEqual(six("VALID"));
    await job.change("deactivate", serviceUserId);
    expect(await job.verify(proofs)).toEqual(six("OWNER_INACTIVE"));
    await job.change("activate", serviceUserId);
    expect(await job.verify(proofs)).toEqual(six("VALID"));
    await job.change("delete", serviceUserId);
    expect(await job.verify(proofs)).toEqual(six("UNKNOWN"));
  });
});

test("a re-created service user of the same name gets none of the old credentials back", async () => {
  const job = throughConnect("grpc");
  const name = `phoenix-${randomUUID()}`;
  const first = await job.createServiceUser(name);
  const proofs = await job.createProofs(first);
  await job.change("delete", first);
  const second = await job.createServiceUser(name);
  expect(second).not.toBe(first);
  expect(await job.verify(proofs)).toEqual(six("UNKNOWN"));
  const { credentials } = await connectClients(installation, installation.apiKey).credentials.listCredentials(
    {
      filter: { ownerId: second },
    },
  );
  expect(credentials).toEqual([]);
});

test("a deleted service user's SSH key may be registered again, by another one", async () => {
  const job = throughConnect("grpc");
  const { credentials, verify } = connectClients(installation, installation.apiKey);
  const first = await job.createServiceUser(`bot-${randomUUID()}`);
  const { sshKey } = await job.createProofs(first);
  const second = await job.createServiceUser(`bot-${randomUUID()}`);
  const again = () => credentials.createSshKey({ ownerId: second, publicKey: sshKey });
  expect(await reasonFrom(again())).toBe("SSH_KEY_TAKEN");
  await job.change("delete", first);
  await again();
  const { verification } = (await verify[1]?.verifySshKey({ publicKey: sshKey })) ?? expect.fail();
  expect(verification?.credential?.ownerId).toBe(second);
});

test("an operator's lock refuses credentials too, and says so", async () => {
  const job = throughConnect("grpc");
  const { serviceUsers } = connectClients(installation, installation.apiKey);
  const serviceUserId = await job.createServiceUser(`bot-${randomUUID()}`);
  const proofs = await job.createProofs(serviceUserId);
  await serviceUsers.lockServiceUser({ serviceUserId });
  expect(await job.verify(proofs)).toEqual(six("OWNER_LOCKED"));
  await serviceUsers.unlockServiceUser({ serviceUserId });
  expect(await job.verify(proofs)).toEqual(six("VALID"));
});

test("validate_only counts what would break, in both enforcers, and breaks nothing", async () => {
  const job = throughConnect("grpc");
  const { serviceUsers } = connectClients(installation, installation.apiKey);
  const serviceUserId = await job.createServiceUser(`bot-${randomUUID()}`);
  const proofs = await job.createProofs(serviceUserId);
  const { dependents } = await serviceUsers.deactivateServiceUser({ serviceUserId, validateOnly: true });
  expect(dependents.map(({ kind, count }) => `${kind}: ${count}`).toSorted()).toEqual([
    "api_keys: 1",
    "authtokens: 1",
    "ssh_keys: 1",
  ]);
  expect(await job.verify(proofs)).toEqual(six("VALID"));
});

test("a service user's own API key stops to authenticate calls, too", async () => {
  const job = throughConnect("grpc");
  const serviceUserId = await job.createServiceUser(`bot-${randomUUID()}`);
  const { apiKey } = await job.createProofs(serviceUserId);
  const own = connectClients(installation, apiKey);
  const read = () => reasonFrom(own.serviceUsers.getServiceUser({ serviceUserId }));
  expect(await read()).toBe("ok");
  await job.change("deactivate", serviceUserId);
  expect(await read()).toBe("CREDENTIALS_OWNER_INACTIVE");
  await job.change("delete", serviceUserId);
  expect(await read()).toBe("CREDENTIALS_INVALID");
});

test("a check by token is a verification and a check in one, and ends with the owner", async () => {
  const job = throughConnect("grpc");
  const { checks } = connectClients(installation, installation.apiKey);
  const serviceUserId = await job.createServiceUser(`bot-${randomUUID()}`);
  const { authtoken } = await job.createProofs(serviceUserId);
  const check = (permissionId: string) => checks.check({ token: authtoken, permissionId });
  expect(await check("credential.credentials.write")).toMatchObject({
    allowed: true,
    subject: { principalId: serviceUserId },
  });
  expect((await check("identity.service_users.write")).allowed).toBe(false);
  await job.change("deactivate", serviceUserId);
  expect(await check("credential.credentials.write")).toMatchObject({
    allowed: false,
    reason: CheckReason.TOKEN_REFUSED,
  });
});
