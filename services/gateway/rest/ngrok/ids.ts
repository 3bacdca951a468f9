import { decodeKsuid, encodeKsuid, ksuidTimeOf } from "../../edge/ksuid.ts";

/** What stands before the underscore of our ids, and of those that the clients of this API know. */
export type OwnPrefix = "svc" | "user" | "cred";
export type PublicPrefix = "bot" | "service" | "usr" | "cr" | "ak" | "sshcr";

const base32 = "0123456789abcdefghjkmnpqrstvwxyz";
const base32ValueOf = new Map(base32.split("").map((character, value) => [character, value]));

/**
 * The id of the same thing as clients know it: `<prefix>_` and a KSUID, whose sixteen bytes are our UUIDv7 and whose
 * time is the UUID's. So ids need no table, can be turned back, and sort as ours do.
 */
export function toPublicId(prefix: PublicPrefix, ownId: string): string {
  const uuid = decodeBase32(ownId.slice(ownId.indexOf("_") + 1));
  if (uuid === undefined) throw new Error("an id that is no TypeID");
  const bytes = new Uint8Array(20);
  bytes.set(uuid, 4);
  new DataView(bytes.buffer).setUint32(0, timeOf(uuid));
  return `${prefix}_${encodeKsuid(bytes)}`;
}

/** Our id of what a client names. */
export type ParsedId =
  | { readonly is: "ours"; readonly ownId: string }
  /** Well formed, but none that we have given out. */
  | { readonly is: "foreign" }
  | { readonly is: "malformed" };

/** Reads an id with one of the prefixes. */
export function parsePublicId(text: string, prefixes: readonly PublicPrefix[], own: OwnPrefix): ParsedId {
  const underscore = text.indexOf("_");
  const prefix = text.slice(0, Math.max(0, underscore));
  const bytes = decodeKsuid(text.slice(underscore + 1));
  if (bytes === undefined || !prefixes.some((one) => one === prefix)) return { is: "malformed" };
  const uuid = bytes.subarray(4);
  if (new DataView(bytes.buffer).getUint32(0) !== timeOf(uuid)) return { is: "foreign" };
  return { is: "ours", ownId: `${own}_${encodeBase32(uuid)}` };
}

/** The KSUID's time that belongs to a UUIDv7, which begins with milliseconds. */
function timeOf(uuid: Uint8Array): number {
  const view = new DataView(uuid.buffer, uuid.byteOffset, 16);
  return ksuidTimeOf(view.getUint32(0) * 65_536 + view.getUint16(4));
}

/** 26 characters of five bits, of which the first two bits are none. */
function decodeBase32(text: string): Uint8Array | undefined {
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

function encodeBase32(bytes: Uint8Array): string {
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
