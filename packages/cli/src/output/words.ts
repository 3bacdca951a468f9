import type { DescEnum } from "@bufbuild/protobuf";
import { type Timestamp, timestampMs } from "@bufbuild/protobuf/wkt";

/** An enum value as people read it: `api-key` for CREDENTIAL_KIND_API_KEY. */
export function word(desc: DescEnum, value: number): string {
  const name = desc.value[value]?.localName;
  return name === undefined ? `unknown-${value}` : name.toLowerCase().replaceAll("_", "-");
}

/** An instant to the second; empty for an absent one. */
export function instant(timestamp: Timestamp | undefined): string {
  if (timestamp === undefined) return "";
  return new Date(timestampMs(timestamp)).toISOString().replace(/\.\d+Z$/, "Z");
}

/** An instant to the millisecond; empty for an absent one. */
export function exactInstant(timestamp: Timestamp | undefined): string {
  return timestamp === undefined ? "" : new Date(timestampMs(timestamp)).toISOString();
}
