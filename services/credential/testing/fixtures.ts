import { generateKeyPairSync, randomBytes } from "node:crypto";
import { parseAclRules } from "../domain/acl.ts";
import { type Credential, sshProof, tokenProof } from "../domain/credential.ts";
import { parseAccountId, parseCredentialId, parsePrincipalId } from "../domain/ids.ts";
import { parseIpRanges } from "../domain/ip-range.ts";
import type { Mutation } from "../domain/mutation.ts";
import type { Principal } from "../domain/principal.ts";
import { parseSshPublicKey } from "../domain/ssh-key.ts";
import { mintToken } from "../domain/token.ts";

/** An id with a prefix, the same for the same number, sorting as the numbers do. */
export function idOf(prefix: string, number: number): string {
  return `${prefix}_${String(number).padStart(26, "0")}`;
}

export const account = parseAccountId(idOf("acct", 1));
export const otherAccount = parseAccountId(idOf("acct", 2));
export const alice = parsePrincipalId(idOf("user", 1));
export const robot = parsePrincipalId(idOf("svc", 1));
export const now = new Date("2026-03-01T12:00:00.000Z");
export const never = new AbortController().signal;

/** A new Ed25519 public key as ssh-keygen writes it. */
export function sshPublicKeyLine(comment?: string): string {
  const { publicKey } = generateKeyPairSync("ed25519");
  const raw = publicKey.export({ format: "der", type: "spki" }).subarray(-32);
  const field = (bytes: Uint8Array) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return Buffer.concat([length, bytes]);
  };
  const blob = Buffer.concat([field(Buffer.from("ssh-ed25519")), field(raw)]).toString("base64");
  return comment === undefined ? `ssh-ed25519 ${blob}` : `ssh-ed25519 ${blob} ${comment}`;
}

export type CredentialParts = Partial<Omit<Credential, "aclRules" | "allowedIpRanges">> & {
  readonly acl?: readonly string[];
  readonly ranges?: readonly string[];
};

let credentials = 0;

/** A credential of `robot` without restrictions, unless otherwise said. */
function credentialOf(proven: Pick<Credential, "locator" | "proof">, parts: CredentialParts): Credential {
  const { acl = [], ranges = [], ...rest } = parts;
  return {
    ...proven,
    accountId: account,
    id: parseCredentialId(idOf("cred", ++credentials)),
    ownerId: robot,
    description: "",
    metadata: "",
    aclRules: parseAclRules(acl),
    allowedIpRanges: parseIpRanges(ranges),
    expiresAt: undefined,
    createdAt: now,
    updatedAt: now,
    revokedAt: undefined,
    version: 1,
    ...rest,
  };
}

/** As credentialOf, with the text of its token. */
export function tokenCredential(kind: "authtoken" | "api_key", parts: CredentialParts = {}) {
  const minted = mintToken(kind, randomBytes);
  return { text: minted.text, credential: credentialOf(tokenProof(kind, minted), parts) };
}

/** As credentialOf, with the line of its key. */
export function sshCredential(parts: CredentialParts = {}) {
  const line = sshPublicKeyLine();
  return { line, credential: credentialOf(sshProof(parseSshPublicKey(line)), parts) };
}

export function principal(parts: Partial<Principal> = {}): Principal {
  return {
    accountId: account,
    principalId: robot,
    kind: "service_user",
    state: "active",
    version: 1,
    ...parts,
  };
}

export function mutation(parts: Partial<Mutation> = {}): Mutation {
  return {
    actor: { kind: "principal", accountId: account, principalId: alice, credentialId: idOf("cred", 999) },
    accountId: account,
    method: "Test",
    requestId: undefined,
    requestDigest: new Uint8Array([1]),
    ...parts,
  };
}

/** A token of the same key id with another secret, its checksum right: what a guesser would send. */
export function withWrongSecret(text: string, kind: "authtoken" | "api_key"): string {
  const keyId = text.slice(5, 27);
  let draws = 0;
  // The first draw is for the key id, the second for the secret.
  return mintToken(kind, (count) => (draws++ === 0 ? bytesFor(keyId.slice(0, count)) : randomBytes(count)))
    .text;
}

const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** The bytes that randomBase62 turns into these digits. */
function bytesFor(digits: string): Uint8Array {
  return Uint8Array.from(digits, (digit) => alphabet.indexOf(digit));
}
