import { randomFillSync } from "node:crypto";

const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const valueOf = new Map(alphabet.split("").map((character, value) => [character, value]));
/** KSUIDs count seconds from here, 2014-05-13. */
const epochSeconds = 1_400_000_000;
const textLength = 27;
const byteLength = 20;

/** Digits that are taken off at once, for speed: a list of 100 has 200 ids. */
const digitsAtOnce = 5;
const divisor = 62 ** digitsAtOnce;

/** The text of 20 bytes, 27 characters of base62: four bytes of time, sixteen of anything. */
export function encodeKsuid(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, byteLength);
  const limbs = new Uint16Array(byteLength / 2);
  for (let index = 0; index < limbs.length; index++) limbs[index] = view.getUint16(index * 2);
  let text = "";
  while (text.length < textLength) {
    let remainder = 0;
    for (let index = 0; index < limbs.length; index++) {
      const dividend = remainder * 65_536 + (limbs[index] ?? 0); // below 2^46
      limbs[index] = Math.floor(dividend / divisor);
      remainder = dividend % divisor;
    }
    for (let digit = 0; digit < digitsAtOnce && text.length < textLength; digit++) {
      text = alphabet.charAt(remainder % 62) + text;
      remainder = Math.floor(remainder / 62);
    }
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
