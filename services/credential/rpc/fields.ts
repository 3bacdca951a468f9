import type { Timestamp } from "@bufbuild/protobuf/wkt";
import { DomainError } from "@portcullis/errors";

/** The last instant that google.protobuf.Timestamp admits: the end of the year 9999, in seconds. */
const secondsMax = 253_402_300_799n;
const secondsMin = -62_135_596_800n;

/** A text that can be stored: Postgres knows no NUL. VALIDATION_FAILED. */
export function parseText(field: string, text: string): string {
  if (text.includes("\0")) throw invalid(field, "must not contain a NUL character");
  return text;
}

/** An instant, cut to milliseconds; undefined if absent. VALIDATION_FAILED for what the proto type forbids. */
export function parseInstant(field: string, timestamp: Timestamp | undefined): Date | undefined {
  if (timestamp === undefined) return undefined;
  const { seconds, nanos } = timestamp;
  if (seconds < secondsMin || seconds > secondsMax || nanos < 0 || nanos > 999_999_999) {
    throw invalid(field, "must be a time between the years 1 and 9999");
  }
  return new Date(Number(seconds) * 1000 + Math.floor(nanos / 1_000_000));
}

export function invalid(field: string, rule: string): DomainError {
  return new DomainError("VALIDATION_FAILED", `${field} ${rule}`, { metadata: { [field]: rule } });
}
