import { InvalidArgumentError } from "commander";

const pattern = /^(?:(\d{1,7})w)?(?:(\d{1,7})d)?(?:(\d{1,7})h)?(?:(\d{1,7})m)?(?:(\d{1,7})s)?$/;
const unitsMs = [604_800_000, 86_400_000, 3_600_000, 60_000, 1_000] as const;

/**
 * Parses a length of time such as `30d`, `12h` or `1d12h` into milliseconds: weeks, days, hours, minutes and
 * seconds, each at most once and in this order, not nothing in total. A day has 24 hours.
 */
export function parseDuration(text: string): number {
  const match = pattern.exec(text);
  const ms =
    match === null
      ? 0
      : unitsMs.reduce((total, unitMs, index) => total + Number(match[index + 1] ?? 0) * unitMs, 0);
  if (ms === 0) throw new InvalidArgumentError("Write a length of time such as 30d, 12h or 1d12h.");
  return ms;
}
