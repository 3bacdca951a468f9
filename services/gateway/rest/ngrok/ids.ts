import { decodeKsuid, encodeKsuid, ksuidTimeOf } from "../../edge/ksuid.ts";
import { decodeBase32, encodeBase32 } from "../common/type-id.ts";

/** What stands before the underscore of our ids, and of those that the clients of this API know. */
export type OwnPrefix = "svc" | "user" | "cred";
export type PublicPrefix = "bot" | "service" | "usr" | "cr" | "ak" | "sshcr";

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
