/** ASCII order, so encoded numbers of one length sort as the numbers do. */
const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** The largest multiple of 62 that fits a byte: bytes at or above it would favour the first 8 digits. */
const acceptedBelow = 248;

/** A sound source fills any request in two or three draws; this bounds the wait for a broken one. */
const drawsMax = 64;

/** Returns `count` random bytes; `crypto.randomBytes` in production. */
export type RandomBytes = (count: number) => Uint8Array;

/**
 * `length` independent, uniformly distributed base62 digits (5.954 bits each), by rejection sampling.
 * Throws when the source yields no usable bytes: a fault, never an answer to a caller.
 */
export function randomBase62(length: number, randomBytes: RandomBytes): string {
  let text = "";
  for (let draw = 0; text.length < length; draw++) {
    if (draw === drawsMax) throw new Error("the random source yields no usable bytes");
    for (const byte of randomBytes(length - text.length)) {
      if (byte < acceptedBelow && text.length < length) text += alphabet.charAt(byte % 62);
    }
  }
  return text;
}

/** An unsigned 32-bit number as exactly six base62 digits, most significant first. */
export function uint32ToBase62(value: number): string {
  let rest = value;
  let text = "";
  for (let digit = 0; digit < 6; digit++) {
    text = alphabet.charAt(rest % 62) + text;
    rest = Math.floor(rest / 62);
  }
  return text;
}
