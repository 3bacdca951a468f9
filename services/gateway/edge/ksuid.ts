import { randomFillSync } from "node:crypto";

const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const valueOf = new Map(alphabet.split("").map((character, value) => [character, value]));
/** KSUIDs count seconds from here, 2014-05-13. */
const epochSeconds = 1_400_000_000;
const textLength = 27;
const byteLength = 20;

/** The text of 20 bytes, 27 characters of base62: four bytes of time, sixteen of anything. */
export function encodeKsuid(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, byteLength);
  const words = [0, 4, 8, 12, 16].map((offset) => view.getUint32(offset));
  let text = "";
  for (let position = 0; position < textLength; position++) {
    let remainder = 0;
    for (const [index, word] of words.entries()) {
      const dividend = remainder * 2 ** 32 + word;
      words[index] = Math.floor(dividend / 62);
      remainder = dividend % 62;
    }
    text = (alphabet[remainder] ?? "") + text;
  }
  return text;
}

/** The bytes of a text; undefined for what is none of 20 bytes. */
export function decodeKsuid(text: string): Uint8Array | undefined {
  if (text.length !== textLength) return undefined;
  const words = [0, 0, 0, 0, 0];
  for (const character of text) {
    let carry = valueOf.get(character);
    if (carry === undefined) return undefined;
    for (let index = words.length - 1; index >= 0; index--) {
      const product = (words[index] ?? 0) * 62 + carry;
      words[index] = product % 2 ** 32;
      carry = Math.floor(product / 2 ** 32);
    }
    if (carry !== 0) return undefined;
  }
  const bytes = new Uint8Array(byteLength);
  const view = new DataView(bytes.buffer);
  for (const [index, word] of words.entries()) view.setUint32(index * 4, word);
  return bytes;
}

/** The four bytes of time, as a number. */
export function ksuidTimeOf(ms: number): number {
  return (Math.floor(ms / 1000) - epochSeconds) >>> 0;
}

/** A new one, of now and chance. */
export function newKsuid(nowMs: number): string {
  const bytes = randomFillSync(new Uint8Array(byteLength));
  new DataView(bytes.buffer).setUint32(0, ksuidTimeOf(nowMs));
  return encodeKsuid(bytes);
}
