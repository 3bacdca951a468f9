import { hash } from "node:crypto";
import { crc32 } from "node:zlib";
import { type RandomBytes, randomBase62, uint32ToBase62 } from "./base62.ts";

export type TokenKind = "authtoken" | "api_key" | "session";

/** The public part of a token: 22 base62 digits (131 random bits). Safe to store and to show; the lookup key. */
export type TokenKeyId = string & { readonly __brand: "TokenKeyId" };

/**
 * SHA-256 of a whole token text, a character (0 to 255) for each of its 32 bytes: made in half the time that a Buffer
 * takes, and kept in a third of the memory. What is stored in place of the secret.
 */
export type SecretHash = string & { readonly __brand: "SecretHash" };

/** A token's one appearance: `text` is shown once and never stored or logged. */
export interface MintedToken {
  readonly kind: TokenKind;
  readonly text: string;
  readonly keyId: TokenKeyId;
  readonly secretHash: SecretHash;
}

/** A token of which nothing is proved yet. It holds no secret, only the secret's hash. */
export interface PresentedToken {
  readonly keyId: TokenKeyId;
  readonly hash: SecretHash;
}

/** A well-formed one. */
export interface ParsedToken extends PresentedToken {
  readonly kind: TokenKind;
}

const prefixOfKind = { authtoken: "pcat", api_key: "pcak", session: "pcse" } as const satisfies Record<
  TokenKind,
  string
>;

const kindOfPrefix: ReadonlyMap<string, TokenKind> = new Map([
  ["pcat", "authtoken"],
  ["pcak", "api_key"],
  ["pcse", "session"],
]);

const prefixLength = 4;
const keyIdLength = 22;
/** 190.5 bits: design.md §2.5 asks for at least 190, which is what lets the stored hash be a plain SHA-256. */
const secretLength = 32;
const checksumLength = 6;
const keyIdStart = prefixLength + 1;
const secretStart = keyIdStart + keyIdLength + 1;
const checksumStart = secretStart + secretLength;

/** Every token has exactly this many characters, all ASCII. */
export const tokenLength = checksumStart + checksumLength;

const shape = "pc(?:at|ak|se)_[0-9A-Za-z]{22}_[0-9A-Za-z]{38}";
const wholeShape = new RegExp(`^${shape}$`);

/**
 * The published pattern for secret scanners: finds every token inside other text. A scanner that wants no
 * false positives also checks that the last 6 digits are the CRC-32 of the 60 characters before them.
 */
export const tokenPattern = `\\b${shape}\\b`;

/**
 * A new token: `<prefix>_<key id: 22><secret: 32><CRC-32: 6>`, with an underscore after the key id. Letters,
 * digits and underscores only, so that a double click selects all of it (design.md §3).
 */
export function mintToken(kind: TokenKind, randomBytes: RandomBytes): MintedToken {
  const keyId = randomBase62(keyIdLength, randomBytes) as TokenKeyId;
  const secret = randomBase62(secretLength, randomBytes);
  const body = `${prefixOfKind[kind]}_${keyId}_${secret}`;
  const text = body + checksumOf(body);
  return { kind, text, keyId, secretHash: hashOf(text) };
}

/**
 * Reads a token, or answers undefined for anything that {@link mintToken} cannot have made. Never throws and
 * needs no I/O. Its cost is bounded whatever the input's size: the length is compared before anything is read.
 * The checksum covers the prefix too, so a token whose kind was changed is refused.
 */
export function parseToken(text: string): ParsedToken | undefined {
  const kind = kindOf(text);
  const presented = kind === undefined ? undefined : glanceAtToken(text);
  return kind === undefined || presented === undefined ? undefined : { kind, ...presented };
}

/**
 * The key id and the hash of a text that has a token's length. Whether it is well formed need not be asked where the
 * hash is that of a token which was minted; else {@link isTokenText} tells.
 */
export function glanceAtToken(text: string): PresentedToken | undefined {
  if (text.length !== tokenLength) return undefined;
  const keyId = text.slice(keyIdStart, keyIdStart + keyIdLength) as TokenKeyId;
  return { keyId, hash: hashOf(text) };
}

/** Whether it is a text that {@link parseToken} reads. */
export function isTokenText(text: string): boolean {
  return kindOf(text) !== undefined;
}

function kindOf(text: string): TokenKind | undefined {
  if (text.length !== tokenLength || !wholeShape.test(text)) return undefined;
  if (checksumOf(text.slice(0, checksumStart)) !== text.slice(checksumStart)) return undefined;
  return kindOfPrefix.get(text.slice(0, prefixLength));
}

/** A stored hash read back. Throws when it is not 32 bytes long: a fault of the store. */
export function toSecretHash(bytes: Uint8Array): SecretHash {
  if (bytes.length !== 32) throw new Error("a stored secret hash is not 32 bytes long");
  return Buffer.from(bytes).toString("latin1") as SecretHash;
}

/** What is stored. */
export function secretHashBytes(stored: SecretHash): Buffer {
  return Buffer.from(stored, "latin1");
}

/** Whether the presented token is the one stored, in constant time. */
export function secretMatches({ hash: shown }: PresentedToken, stored: SecretHash): boolean {
  let difference = shown.length ^ stored.length;
  // Not timingSafeEqual: for 32 bytes the way into native code costs ten times the comparison.
  for (let at = 0; at < stored.length; at++) difference |= shown.charCodeAt(at) ^ stored.charCodeAt(at);
  return difference === 0;
}

/**
 * Equals no token's hash (it has no known preimage). Compare with it when the key id is unknown, so that
 * unknown and wrong cost the same (style.md habit 9).
 */
export const decoyHash: SecretHash = toSecretHash(new Uint8Array(32));

function checksumOf(body: string): string {
  return uint32ToBase62(crc32(body));
}

/** Over the whole text, so a stored hash also fixes the token's kind and key id. */
function hashOf(text: string): SecretHash {
  return hash("sha256", text, "binary") as SecretHash;
}
