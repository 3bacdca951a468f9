import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";

/** Keeps secrets that are needed again in a form that is of no use without the keys. */
export interface Sealer {
  /** Can be opened for the same context only, e.g. for the same person. */
  seal(secret: string, context: string): string;
  /** Throws for what was altered, was sealed for another context, or with a key that is not there. */
  open(sealed: string, context: string): string;
  /** What all begins with that is sealed with the present key. */
  readonly presentPrefix: string;
}

export interface EncryptionKey {
  readonly id: string;
  /** 32 bytes. */
  readonly key: Uint8Array;
}

const version = "v1";
const algorithm = "aes-256-gcm";
const keyBytes = 32;
/** Random, so a key is good for some 2^32 secrets. */
const nonceBytes = 12;
const tagBytes = 16;

/** `<id>:<base64>`, with commas between; undefined for what is not that. */
export function parseEncryptionKeys(text: string): readonly EncryptionKey[] | undefined {
  const keys: EncryptionKey[] = [];
  for (const part of text.split(",")) {
    const [, id, base64] = /^([a-z0-9-]{1,32}):([A-Za-z0-9+/]{43}=)$/.exec(part.trim()) ?? [];
    const key = Buffer.from(base64 ?? "", "base64");
    if (id === undefined || key.length !== keyBytes || keys.some((other) => other.id === id))
      return undefined;
    keys.push({ id, key });
  }
  return keys;
}

/** Seals with the first key, and opens with all, so that keys can be changed. AES-256-GCM. */
export function createSealer(keys: readonly EncryptionKey[]): Sealer {
  const [present] = keys;
  if (present === undefined) throw new Error("there is no key to seal with");
  const presentPrefix = `${version}.${present.id}.`;
  return {
    presentPrefix,
    seal(secret, context) {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv(algorithm, present.key, nonce, { authTagLength: tagBytes });
      cipher.setAAD(Buffer.from(context));
      const parts = [nonce, cipher.update(secret, "utf8"), cipher.final(), cipher.getAuthTag()];
      return `${presentPrefix}${Buffer.concat(parts).toString("base64url")}`;
    },
    open(sealed, context) {
      const [form, id, text = ""] = sealed.split(".");
      const found = keys.find((key) => key.id === id);
      if (form !== version || found === undefined) {
        throw new Error(`a secret is sealed with the key ${id}, which IDENTITY_ENCRYPTION_KEYS lacks`);
      }
      const bytes = Buffer.from(text, "base64url");
      const decipher = createDecipheriv(algorithm, found.key, bytes.subarray(0, nonceBytes), {
        authTagLength: tagBytes,
      });
      decipher.setAAD(Buffer.from(context));
      decipher.setAuthTag(bytes.subarray(-tagBytes));
      const opened = decipher.update(bytes.subarray(nonceBytes, -tagBytes));
      return Buffer.concat([opened, decipher.final()]).toString("utf8");
    },
  };
}
