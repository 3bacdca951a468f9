import { InvalidArgumentError } from "commander";

/** Labels of an endpoint, by key. */
export type Labels = ReadonlyMap<string, string>;

/**
 * Adds one `key=value` to the labels before it, for an option that is given several times. The key ends at
 * the first `=`; the value may be empty or have more of them. The same key twice is refused.
 */
export function addLabel(text: string, before: Labels | undefined): Labels {
  const end = text.indexOf("=");
  if (end < 1) throw new InvalidArgumentError("Write a label as key=value.");
  const key = text.slice(0, end);
  // No plain object can hold it as a key, and the contract's map becomes one.
  if (key === "__proto__") throw new InvalidArgumentError("No label can have this key.");
  if (before?.has(key)) throw new InvalidArgumentError(`The label ${key} is given twice.`);
  return new Map(before).set(key, text.slice(end + 1));
}
