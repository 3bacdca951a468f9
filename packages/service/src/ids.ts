import { typeidUnboxed } from "typeid-js";

/** Makes a new id: the prefix, an underscore, and a UUIDv7 in base32. Ids sort by the time they were made. */
export function newId(prefix: string): string {
  return typeidUnboxed(prefix);
}
