import { hash } from "node:crypto";
import { DomainError } from "@portcullis/errors";
import { fieldsOfType, isSshKeyType, type SshKeyType } from "./ssh-key-types.ts";
import { SshWireReader, sshKeyInvalid } from "./ssh-wire.ts";

/** As ssh-keygen prints it: `SHA256:` and the unpadded base64 of the blob's SHA-256. The lookup key. */
export type SshFingerprint = string & { readonly __brand: "SshFingerprint" };

export interface SshPublicKey {
  readonly type: SshKeyType;
  /** The wire format of the key: the bytes that SSH itself sends and compares. Do not modify. */
  readonly blob: Uint8Array;
  readonly comment?: string;
  readonly fingerprint: SshFingerprint;
  /** Type, base64 and comment with single spaces and no newline: safe to write into an authorized_keys file. */
  readonly authorizedKeysLine: string;
}

/** A 16,384-bit RSA key takes 2.8 KiB. */
const lineLengthMax = 16_384;
const commentLengthMax = 255;

/** Control, format (bidi, zero-width), surrogate, line and paragraph separator characters. */
const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

/**
 * Reads one line of an OpenSSH `.pub` file: `<type> <base64> [comment]`, with blanks around the fields and
 * perhaps one newline at the end. Accepts the key types of {@link SshKeyType} in canonical form only.
 * Throws DomainError SSH_KEY_INVALID, whose message says why and never repeats the input: private keys,
 * certificates, DSA keys, authorized_keys options and several lines each get a message of their own.
 */
export function parseSshPublicKey(line: string): SshPublicKey {
  if (line.length > lineLengthMax) throw sshKeyInvalid(`a key is at most ${lineLengthMax} characters long`);
  refuseOtherFormats(line);
  const text = line.replace(/\r?\n$/, "");
  if (/[\r\n]/.test(text)) throw sshKeyInvalid("a key is one line");
  const [, type = "", base64 = "", comment] =
    /^([^ \t]*)(?:[ \t]+([^ \t]+))?(?:[ \t]+(.+))?$/su.exec(text.trim()) ?? [];
  if (!isSshKeyType(type)) throw sshKeyInvalid(problemWithType(type, text));
  const blob = decodeBase64(base64);
  readBlob(blob, type);
  if (comment !== undefined) checkComment(comment);
  const key = { type, blob, fingerprint: sshFingerprint(blob) };
  return comment === undefined
    ? { ...key, authorizedKeysLine: `${type} ${base64}` }
    : { ...key, comment, authorizedKeysLine: `${type} ${base64} ${comment}` };
}

/** As parseSshPublicKey, of a key that somebody shows; undefined for what is none. */
export function readSshKey(line: string): SshPublicKey | undefined {
  try {
    return parseSshPublicKey(line);
  } catch (error) {
    if (error instanceof DomainError) return undefined;
    throw error;
  }
}

/** The fingerprint of a key's wire format. Of any bytes: it does not say that they are a key. */
export function sshFingerprint(blob: Uint8Array): SshFingerprint {
  return `SHA256:${hash("sha256", blob, "base64").replace("=", "")}` as SshFingerprint;
}

function readBlob(blob: Uint8Array, type: SshKeyType): void {
  const reader = new SshWireReader(blob);
  if (reader.text() !== type) throw sshKeyInvalid("the key is not of the type that its line names");
  fieldsOfType[type](reader);
  reader.end();
}

/** Only the canonical form, so that a blob has one spelling (OpenSSH also insists on the padding). */
function decodeBase64(base64: string): Uint8Array {
  const blob = Buffer.from(base64, "base64");
  if (base64 === "" || blob.toString("base64") !== base64) throw sshKeyInvalid("the key is not valid base64");
  // Copied: a small Buffer is a window on memory shared with others.
  return new Uint8Array(blob);
}

function checkComment(comment: string): void {
  if (comment.length > commentLengthMax) {
    throw sshKeyInvalid(`a comment is at most ${commentLengthMax} characters long`);
  }
  if (unprintable.test(comment)) throw sshKeyInvalid("the comment holds characters that can't be printed");
}

/** Before lines are counted, for these have several. */
function refuseOtherFormats(text: string): void {
  if (/BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY|PuTTY-User-Key-File/.test(text)) {
    throw sshKeyInvalid(
      "this is a private key: keep it secret, consider it exposed, and paste the .pub file",
    );
  }
  if (text.includes("---- BEGIN SSH2 PUBLIC KEY")) {
    throw sshKeyInvalid("this is an RFC 4716 public key: convert it with `ssh-keygen -i -f <file>`");
  }
  if (text.includes("-----BEGIN")) {
    throw sshKeyInvalid("this is PEM: paste the one line of the .pub file that ssh-keygen writes");
  }
}

function problemWithType(type: string, line: string): string {
  if (type === "") return "the key is empty";
  if (/-cert-v0[01]@openssh\.com$/.test(type)) return "this is a certificate: paste the public key itself";
  if (type === "ssh-dss") return "DSA keys are not accepted: OpenSSH has removed them";
  if (line.split(/[ \t,"]+/).some(isSshKeyType)) return "options before the key type are not accepted";
  return "the line does not begin with the type of an OpenSSH public key, as in `ssh-ed25519 AAAA…`";
}
