import { createHash, createPrivateKey, createPublicKey, type KeyObject, randomBytes } from "node:crypto";

/** A public key, and whose receipts it is good for. */
export interface ReceiptPublicKey {
  readonly issuer: string;
  readonly keyId: string;
  /** Ed25519, 32 bytes. */
  readonly publicKey: Uint8Array;
}

/** What a service signs its receipts with, and all that it ever did. */
export interface ReceiptKeys {
  readonly signing: { readonly keyId: string; readonly privateKey: KeyObject };
  /** The signing key's public half first. */
  readonly published: readonly Omit<ReceiptPublicKey, "issuer">[];
}

/** A new key in the two forms that configuration has. */
export interface NewReceiptKey {
  readonly keyId: string;
  /** `<key id>:<seed>`: a secret. */
  readonly signingEntry: string;
  /** `<key id>:pub:<public key>`: stands in for it when it signs no more. */
  readonly publicEntry: string;
}

/** What both halves of an Ed25519 key measure, in bytes. */
const keyBytes = 32;
// RFC 8410: what stands before the 32 bytes in the forms that Node's crypto reads.
const privatePrefix = Buffer.from("302e020100300506032b657004220420", "hex");
const publicPrefix = Buffer.from("302a300506032b6570032100", "hex");
const keyIdPattern = /^[A-Za-z0-9_.-]{1,64}$/;

/** Something is wrong with the text of the keys; the message does not repeat it. */
export class ReceiptKeysError extends Error {
  override readonly name = "ReceiptKeysError";
}

/**
 * Parses entries with commas between: `<key id>:<base64 of the 32-byte Ed25519 seed>`, of which the first signs,
 * and `<key id>:pub:<base64 of the 32-byte public key>`. Throws ReceiptKeysError.
 */
export function parseReceiptKeys(text: string): ReceiptKeys {
  const entries = text.split(",").map((entry, index) => parseEntry(entry.trim(), index + 1));
  const [first] = entries;
  if (first?.privateKey === undefined) {
    throw new ReceiptKeysError("the first key signs, so it can't be public only");
  }
  if (new Set(entries.map(({ keyId }) => keyId)).size < entries.length) {
    throw new ReceiptKeysError("two keys have the same id");
  }
  return {
    signing: { keyId: first.keyId, privateKey: first.privateKey },
    published: entries.map(({ keyId, publicKey }) => ({ keyId, publicKey })),
  };
}

/** Makes a key; its id is taken from its public half. */
export function newReceiptKey(): NewReceiptKey {
  const seed = randomBytes(keyBytes);
  const publicKey = publicBytesOf(privateKeyOf(seed));
  const keyId = `rk-${createHash("sha256").update(publicKey).digest("hex").slice(0, 16)}`;
  return {
    keyId,
    signingEntry: `${keyId}:${seed.toString("base64")}`,
    publicEntry: publicEntryOf({ keyId, publicKey }),
  };
}

/** The form that configuration has for a key that signs no more. */
export function publicEntryOf({ keyId, publicKey }: Omit<ReceiptPublicKey, "issuer">): string {
  return `${keyId}:pub:${Buffer.from(publicKey).toString("base64")}`;
}

/** For Node's crypto; undefined for what has not the size of one. */
export function publicKeyObject(publicKey: Uint8Array): KeyObject | undefined {
  if (publicKey.length !== keyBytes) return undefined;
  return createPublicKey({ key: Buffer.concat([publicPrefix, publicKey]), format: "der", type: "spki" });
}

interface Entry {
  readonly keyId: string;
  readonly publicKey: Uint8Array;
  /** Absent: it is kept for old receipts. */
  readonly privateKey?: KeyObject;
}

function parseEntry(entry: string, place: number): Entry {
  const parts = entry.split(":");
  const [keyId = "", kind = "", rest] = parts;
  if (!keyIdPattern.test(keyId)) {
    throw new ReceiptKeysError(
      `key ${place} must begin with an id of letters, digits, _ . and -, and a colon`,
    );
  }
  if (parts.length === 2) {
    const privateKey = privateKeyOf(parseBytes(kind, place));
    return { keyId, publicKey: publicBytesOf(privateKey), privateKey };
  }
  if (parts.length === 3 && kind === "pub" && rest !== undefined) {
    return { keyId, publicKey: parseBytes(rest, place) };
  }
  throw new ReceiptKeysError(`key ${place} must be <id>:<seed> or <id>:pub:<public key>`);
}

function parseBytes(base64: string, place: number): Buffer {
  const bytes = Buffer.from(base64, "base64");
  // Node's decoder passes over whatever is no base64.
  if (bytes.length === keyBytes && bytes.toString("base64") === base64) return bytes;
  throw new ReceiptKeysError(`key ${place} must hold ${keyBytes} bytes in base64`);
}

function privateKeyOf(seed: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.concat([privatePrefix, seed]), format: "der", type: "pkcs8" });
}

function publicBytesOf(privateKey: KeyObject): Uint8Array {
  const der = createPublicKey(privateKey).export({ format: "der", type: "spki" });
  return new Uint8Array(der.subarray(publicPrefix.length));
}
