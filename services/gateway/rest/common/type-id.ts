const base32 = "0123456789abcdefghjkmnpqrstvwxyz";
const base32ValueOf = new Map(base32.split("").map((character, value) => [character, value]));

/** The sixteen bytes of a TypeID's UUID, from what stands after its underscore; undefined for what is none. */
export function decodeBase32(text: string): Uint8Array | undefined {
  // 26 characters of five bits, of which the first two bits are none.
  if (text.length !== 26) return undefined;
  const bytes = new Uint8Array(16);
  let pending = 0;
  let pendingBits = -2;
  let length = 0;
  for (const character of text) {
    const value = base32ValueOf.get(character);
    if (value === undefined) return undefined;
    pending = (pending << 5) | value;
    pendingBits += 5;
    if (pendingBits < 8) continue;
    pendingBits -= 8;
    bytes[length++] = pending >>> pendingBits;
    pending &= (1 << pendingBits) - 1;
  }
  return bytes;
}

/** What stands after the underscore of the TypeID with this UUID. */
export function encodeBase32(bytes: Uint8Array): string {
  let text = "";
  let pending = 0;
  let pendingBits = 2;
  for (const byte of bytes) {
    pending = (pending << 8) | byte;
    pendingBits += 8;
    while (pendingBits >= 5) {
      pendingBits -= 5;
      text += base32[pending >>> pendingBits] ?? "";
      pending &= (1 << pendingBits) - 1;
    }
  }
  return text;
}
