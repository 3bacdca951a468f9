/**
 * Bytes as a string of characters 0 to 255. Strings of one byte a character take a third of the memory of small typed
 * arrays, are put together without being copied, and are written out at once in the end.
 */
export type Bytes = string;

export function bytesOf(array: Uint8Array): Bytes {
  return Buffer.from(array.buffer, array.byteOffset, array.byteLength).toString("latin1");
}

export function toBuffer(bytes: Bytes): Buffer {
  return Buffer.from(bytes, "latin1");
}

/** A number of up to 53 bits as protobuf has it. */
export function varint(value: number): Bytes {
  let text = "";
  let rest = value;
  while (rest >= 0x80) {
    text += String.fromCharCode((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  return text + String.fromCharCode(rest);
}

/** Those of most fields. */
const lengths: readonly Bytes[] = Array.from({ length: 1_024 }, (_, length) => varint(length));

/** A field with its length before it. */
export function delimited(tag: Bytes, bytes: Bytes): Bytes {
  return tag + (lengths[bytes.length] ?? varint(bytes.length)) + bytes;
}

/** A length of up to 14 bits, in its shortest form, whose bytes are all there. */
export function readLength(bytes: Buffer, at: number): number | undefined {
  const low = bytes[at];
  if (low === undefined) return undefined;
  if (low < 0x80) return at + 1 + low <= bytes.length ? low : undefined;
  const high = bytes[at + 1];
  if (high === undefined || high >= 0x80 || high === 0) return undefined;
  const length = (low & 0x7f) | (high << 7);
  return at + 2 + length <= bytes.length ? length : undefined;
}

/** Whether all of them are ASCII, of which a byte is a character. */
export function isAscii(bytes: Buffer, start: number, end: number): boolean {
  let union = 0;
  for (let index = start; index < end; index++) union |= bytes[index] ?? 0;
  return union < 0x80;
}

/**
 * The text of a field that is no part of another message; empty if it is not set. Undefined for bytes that are unusual:
 * fields with numbers above 15, of fixed size, or texts that are not ASCII.
 */
export function readText(bytes: Buffer, tag: number): string | undefined {
  let text = "";
  for (let at = 0; at < bytes.length; ) {
    const found = bytes[at++] ?? 0;
    const wireType = found & 7;
    if (found >= 0x80 || (wireType !== 0 && wireType !== 2)) return undefined;
    if (wireType === 0) {
      while ((bytes[at] ?? 0) >= 0x80) at++;
      at++;
      continue;
    }
    const length = readLength(bytes, at);
    if (length === undefined) return undefined;
    at += length < 0x80 ? 1 : 2;
    if (found === tag) {
      if (!isAscii(bytes, at, at + length)) return undefined;
      text = bytes.toString("latin1", at, at + length);
    }
    at += length;
  }
  return text;
}
