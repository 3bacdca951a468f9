import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import {
  type CredentialSchema,
  CredentialKind as WireKind,
  CredentialState as WireState,
} from "@portcullis/contracts/portcullis/credential/v1/credential_pb.ts";
import type { Call } from "@portcullis/service";
import { formatAclRule } from "../domain/acl.ts";
import { type Credential, type CredentialKind, stateOf } from "../domain/credential.ts";
import { etagOf } from "../domain/etag.ts";
import { type AccountId, parseAccountId } from "../domain/ids.ts";
import type { Page } from "../domain/ports.ts";

const pageSizeDefault = 50;

/** The account that the call is about; a workload must have named one. */
export function accountIdOf(call: Pick<Call, "accountId">): AccountId {
  return parseAccountId(call.accountId);
}

/** The proto has checked the limits. */
export function parsePage(request: { readonly pageSize: number; readonly pageToken: string }): Page {
  return { size: request.pageSize === 0 ? pageSizeDefault : request.pageSize, token: request.pageToken };
}

export function parseEtag(etag: string): string | undefined {
  return etag === "" ? undefined : etag;
}

const kindOfWire: ReadonlyMap<WireKind, CredentialKind> = new Map([
  [WireKind.AUTHTOKEN, "authtoken"],
  [WireKind.API_KEY, "api_key"],
  [WireKind.SSH_KEY, "ssh_key"],
  [WireKind.SESSION, "session"],
]);

/** Those that we know; a number that is none of them stands for no credential of ours. */
export function parseKinds(kinds: readonly WireKind[]): readonly CredentialKind[] {
  return kinds.flatMap((kind) => kindOfWire.get(kind) ?? []);
}

export const wireOfKind = {
  authtoken: WireKind.AUTHTOKEN,
  api_key: WireKind.API_KEY,
  ssh_key: WireKind.SSH_KEY,
  session: WireKind.SESSION,
} as const satisfies Record<CredentialKind, WireKind>;

const wireOfState = {
  active: WireState.ACTIVE,
  expired: WireState.EXPIRED,
  revoked: WireState.REVOKED,
} as const satisfies Record<ReturnType<typeof stateOf>, WireState>;

function toTimestamp(date: Date | undefined) {
  return date === undefined ? undefined : timestampFromDate(date);
}

/** Without what its holder proves it by: the hash of a secret is nobody's business either. */
export function toCredential(credential: Credential, now: Date): MessageInitShape<typeof CredentialSchema> {
  const { proof } = credential;
  const expireTime = toTimestamp(credential.expiresAt);
  const revokeTime = toTimestamp(credential.revokedAt);
  return {
    credentialId: credential.id,
    accountId: credential.accountId,
    ownerId: credential.ownerId,
    kind: wireOfKind[proof.kind],
    state: wireOfState[stateOf(credential, now)],
    description: credential.description,
    metadata: credential.metadata,
    aclRules: credential.aclRules.map(formatAclRule),
    allowedIpRanges: credential.allowedIpRanges.map(({ text }) => text),
    ...(expireTime === undefined ? {} : { expireTime }),
    createTime: timestampFromDate(credential.createdAt),
    updateTime: timestampFromDate(credential.updatedAt),
    ...(revokeTime === undefined ? {} : { revokeTime }),
    ...(proof.kind === "ssh_key"
      ? {
          sshPublicKey: {
            authorizedKey: proof.authorizedKey,
            keyType: proof.keyType,
            fingerprint: proof.fingerprint,
          },
        }
      : { tokenHint: proof.tokenHint }),
    etag: etagOf(credential),
    ...(credential.lastUse === undefined
      ? {}
      : {
          lastUsedTime: timestampFromDate(credential.lastUse.at),
          lastUsedIp: credential.lastUse.sourceIp,
          lastUsedUserAgent: credential.lastUse.userAgent,
        }),
  };
}
