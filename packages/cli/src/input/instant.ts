import { InvalidArgumentError } from "commander";

const pattern =
  /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.\d{1,9})?(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;
/** The last instant that a protobuf timestamp can hold, 9999-12-31T23:59:59.999Z. */
const lastMs = 253_402_300_799_999;

/** Parses an RFC 3339 date and time, with its offset, to the millisecond. Dates that do not exist are refused. */
export function parseInstant(text: string): Date {
  const match = pattern.exec(text);
  const at = match === null ? undefined : new Date(text.replace(" ", "T").toUpperCase());
  // JavaScript takes 30 February for 2 March.
  if (match === null || at === undefined || !isInCalendar(match) || !isRepresentable(at)) {
    throw new InvalidArgumentError("Write a date and time with its offset, such as 2030-01-31T12:00:00Z.");
  }
  return at;
}

/** The instant `ms` after `now`. */
export function instantAfter(ms: number, now: Date): Date {
  const at = new Date(now.getTime() + ms);
  if (!isRepresentable(at)) throw new InvalidArgumentError("That is after the year 9999.");
  return at;
}

function isInCalendar([, year, month, day]: RegExpExecArray): boolean {
  const first = new Date(`${year}-${month}-01T00:00:00Z`);
  if (Number.isNaN(first.getTime())) return false;
  first.setUTCDate(Number(day));
  return first.getUTCDate() === Number(day) && first.getUTCMonth() === Number(month) - 1;
}

function isRepresentable(at: Date): boolean {
  return at.getTime() >= 0 && at.getTime() <= lastMs;
}
