import type { RevocationReceipt } from "@portcullis/contracts/portcullis/common/v1/receipt_pb.ts";
import {
  type Credential,
  CredentialKindSchema,
  CredentialStateSchema,
} from "@portcullis/contracts/portcullis/credential/v1/credential_pb.ts";
import type { View } from "../output/view.ts";
import { instant, word } from "../output/words.ts";
import { inForceFields } from "./in-force-view.ts";

/** A credential, or nothing where an answer has none; and how it is in force that its access was taken away. */
export function credentialView(credential: Credential | undefined, receipt?: RevocationReceipt): View {
  if (credential === undefined) return { kind: "fields", fields: [] };
  const { sshPublicKey, revokeTime } = credential;
  return {
    kind: "fields",
    fields: [
      ["ID", credential.credentialId],
      ["Kind", word(CredentialKindSchema, credential.kind)],
      ["State", word(CredentialStateSchema, credential.state)],
      ["Owner", credential.ownerId],
      ["Account", credential.accountId],
      ["Description", credential.description],
      ["Metadata", credential.metadata],
      ["ACL", credential.aclRules.length === 0 ? "everything" : credential.aclRules.join(", ")],
      [
        "Allowed from",
        credential.allowedIpRanges.length === 0 ? "anywhere" : credential.allowedIpRanges.join(", "),
      ],
      ["Expires", credential.expireTime === undefined ? "never" : instant(credential.expireTime)],
      ["Created", instant(credential.createTime)],
      ["Changed", instant(credential.updateTime)],
      ["Last used", lastUse(credential)],
      ...(revokeTime === undefined ? [] : [["Revoked", instant(revokeTime)] as const]),
      ...(sshPublicKey === undefined
        ? [["Token", credential.tokenHint] as const]
        : [["Key", sshPublicKey.authorizedKey] as const, ["Fingerprint", sshPublicKey.fingerprint] as const]),
      ["Etag", credential.etag],
      ...inForceFields(receipt),
    ],
  };
}

/** When, from where and with what; `never` also for what was used before such things were kept. */
function lastUse({ lastUsedTime, lastUsedIp, lastUsedUserAgent }: Credential): string {
  if (lastUsedTime === undefined) return "never";
  return [
    instant(lastUsedTime),
    ...(lastUsedIp === "" ? [] : [`from ${lastUsedIp}`]),
    ...(lastUsedUserAgent === "" ? [] : [`with ${lastUsedUserAgent}`]),
  ].join(" ");
}

/** Credentials, one a row. */
export function credentialsView(credentials: readonly Credential[]): View {
  return {
    kind: "table",
    columns: [
      { title: "ID" },
      { title: "KIND" },
      { title: "STATE" },
      { title: "OWNER" },
      { title: "EXPIRES" },
      { title: "TOKEN OR KEY", cut: true },
      { title: "DESCRIPTION", cut: true },
    ],
    rows: credentials.map((credential) => [
      credential.credentialId,
      word(CredentialKindSchema, credential.kind),
      word(CredentialStateSchema, credential.state),
      credential.ownerId,
      instant(credential.expireTime),
      credential.sshPublicKey?.fingerprint ?? credential.tokenHint,
      credential.description,
    ]),
    empty: "No credentials.",
  };
}
