import { create } from "@bufbuild/protobuf";
import { Code, ConnectError, type ConnectRouter } from "@connectrpc/connect";
import { PrincipalKind } from "@portcullis/contracts/portcullis/common/v1/principal_pb.ts";
import {
  type Credential,
  CredentialKind,
  CredentialSchema,
  CredentialService,
  CredentialState,
  SshPublicKeySchema,
} from "@portcullis/contracts/portcullis/credential/v1/credential_pb.ts";
import {
  VerificationResult,
  VerificationService,
} from "@portcullis/contracts/portcullis/credential/v1/verification_pb.ts";
import { receiptOf } from "./fake-receipts.ts";
import { createTime } from "./fake-time.ts";

/** The secret of each token that is made. */
export const newSecret = "pcat_0NewSecretThatIsShownOnce";
/** The token that is valid. */
export const validToken = "pcat_0Valid";

type Fields = Pick<
  Credential,
  "accountId" | "ownerId" | "description" | "metadata" | "allowedIpRanges" | "expireTime"
>;

/** Credentials and verification, as simple as can be. */
export function serveCredential(router: ConnectRouter): void {
  const credentials: Credential[] = [];
  const find = (id: string) => {
    const found = credentials.find(({ credentialId }) => credentialId === id);
    if (found === undefined) throw new ConnectError("There is no such credential.", Code.NotFound);
    return found;
  };
  const add = (
    kind: CredentialKind,
    init: Fields & Partial<Pick<Credential, "aclRules" | "sshPublicKey">>,
  ) => {
    const credential = create(CredentialSchema, {
      ...init,
      credentialId: `cred_${credentials.length + 1}`,
      accountId: init.accountId || "acct_own",
      ownerId: init.ownerId || "user_self",
      kind,
      state: CredentialState.ACTIVE,
      createTime,
      updateTime: createTime,
      etag: "1",
    });
    credentials.unshift(credential);
    return credential;
  };
  router.service(CredentialService, {
    createAuthtoken: (request) => ({
      credential: add(CredentialKind.AUTHTOKEN, { ...fieldsOf(request), aclRules: request.aclRules }),
      token: newSecret,
    }),
    createApiKey: (request) => ({
      credential: add(CredentialKind.API_KEY, fieldsOf(request)),
      token: newSecret,
    }),
    createSshKey: (request) => ({
      credential: add(CredentialKind.SSH_KEY, {
        ...fieldsOf(request),
        aclRules: request.aclRules,
        sshPublicKey: create(SshPublicKeySchema, {
          authorizedKey: request.publicKey,
          keyType: "ssh-ed25519",
          fingerprint: "SHA256:abc",
        }),
      }),
    }),
    getCredential: ({ credentialId }) => ({ credential: find(credentialId) }),
    listCredentials: ({ filter }) => ({
      credentials: credentials.filter(
        ({ ownerId, kind }) =>
          (!filter?.ownerId || ownerId === filter.ownerId) &&
          (!filter?.kinds.length || filter.kinds.includes(kind)),
      ),
    }),
    updateCredential: ({ credentialId, aclRules, description }) => ({
      credential: Object.assign(find(credentialId), { aclRules, description }),
    }),
    revokeCredential: ({ credentialId }) => ({
      credential: Object.assign(find(credentialId), {
        state: CredentialState.REVOKED,
        revokeTime: createTime,
      }),
      receipt: receiptOf("credential", "credential.revoke", credentialId),
    }),
    deleteCredential({ credentialId }) {
      credentials.splice(credentials.indexOf(find(credentialId)), 1);
      return { receipt: receiptOf("credential", "credential.delete", credentialId) };
    },
  });
  const verified = {
    credentialId: "cred_1",
    kind: CredentialKind.AUTHTOKEN,
    accountId: "acct_own",
    ownerId: "svc_1",
    ownerKind: PrincipalKind.SERVICE_USER,
  };
  router.service(VerificationService, {
    verifyToken: ({ token }) => ({
      verification:
        token === validToken
          ? { result: VerificationResult.VALID, credential: verified }
          : { result: VerificationResult.OWNER_INACTIVE, credential: verified },
    }),
    verifySshKey: () => ({ verification: { result: VerificationResult.UNKNOWN } }),
  });
}

function fieldsOf(request: Fields): Fields {
  const { accountId, ownerId, description, metadata, allowedIpRanges, expireTime } = request;
  return { accountId, ownerId, description, metadata, allowedIpRanges, expireTime };
}
