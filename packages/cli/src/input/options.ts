import { isIP } from "node:net";
import { type Command, InvalidArgumentError, Option } from "commander";

/** Gathers the values of an option that may be given several times. */
export function collect(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}

/** As `collect`, of words that each stand for a value. */
export function collectWords<Value>(words: ReadonlyMap<string, Value>) {
  return (word: string, before: readonly Value[] | undefined): readonly Value[] => {
    const value = words.get(word);
    if (value === undefined) {
      throw new InvalidArgumentError(`Allowed choices are ${[...words.keys()].join(", ")}.`);
    }
    return [...(before ?? []), value];
  };
}

/** Parses a word that stands for a value. */
export function oneWord<Value>(words: ReadonlyMap<string, Value>) {
  return (word: string): Value => {
    const value = words.get(word);
    if (value !== undefined) return value;
    throw new InvalidArgumentError(`Allowed choices are ${[...words.keys()].join(", ")}.`);
  };
}

/** Parses how many there may be at most. */
function parseLimit(text: string): number {
  const limit = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (limit < 1) throw new InvalidArgumentError("Write a whole number from 1.");
  return limit;
}

/** Parses seconds, fractions included, into milliseconds: at most ten minutes. */
export function parseTimeout(text: string): number {
  const ms = /^\d{1,3}(\.\d{1,3})?$/.test(text) ? Math.round(Number(text) * 1000) : 0;
  if (ms < 1 || ms > 600_000) throw new InvalidArgumentError("Write seconds, above 0 and up to 600.");
  return ms;
}

/** Parses an IP address, which must not name a network interface. */
export function parseIpAddress(text: string): string {
  if (isIP(text) === 0 || text.includes("%")) throw new InvalidArgumentError("Write an IP address.");
  return text;
}

/** Parses the id of a request, as the services take it. */
function parseRequestId(text: string): string {
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(text)) {
    throw new InvalidArgumentError("Write 1 to 64 letters, digits, _ and -.");
  }
  return text;
}

/** What every list takes. */
export interface ListOptions {
  readonly all?: true;
  readonly limit?: number;
}

/** Adds what every list takes. */
export function withListOptions(command: Command): Command {
  return command
    .addOption(new Option("--all", "all of them, however many").conflicts("limit"))
    .addOption(new Option("--limit <count>", "at most so many; 50 if not given").argParser(parseLimit));
}

/** What every change takes. */
export interface ChangeOptions {
  readonly requestId?: string;
}

/** Adds what every change takes. */
export function withChangeOptions(command: Command): Command {
  return command.addOption(
    new Option(
      "--request-id <id>",
      "repeat an earlier change whose outcome is unknown, without making it twice",
    ).argParser(parseRequestId),
  );
}

/** What every change of something that has an etag takes. */
export interface EtagOptions extends ChangeOptions {
  readonly etag?: string;
}

/** Adds what every change of something that has an etag takes. */
export function withEtagOptions(command: Command): Command {
  return withChangeOptions(command.option("--etag <etag>", "only if it has not changed since it was read"));
}
