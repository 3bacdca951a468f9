import { FilterError } from "./lexer.ts";

/** What an expression can speak of. An `id` is a string that has two spellings where a service user is meant. */
export type ValueType = "bool" | "string" | "id" | "integer" | "timestamp" | "strings" | "null";
export type Value = boolean | string | number | readonly string[] | null;

/** A listed thing's fields by their names, and their types; timestamps are texts as in answers. */
export type FieldTypes = Readonly<Record<string, ValueType>>;
export type Fields = Readonly<Record<string, Value>>;

/** A part of an expression that was found to make sense. */
export interface Typed {
  readonly type: ValueType;
  readonly evaluate: (fields: Fields, nowMs: number) => Value;
}

export function constant(type: ValueType, value: Value): Typed {
  return { type, evaluate: () => value };
}

/** A text with a time, as milliseconds. */
export function parseTime(text: string): number {
  const isTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i.test(text);
  const ms = isTime ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(ms)) throw new FilterError("timestamp() takes an RFC 3339 time, or time.now");
  return ms;
}

const unitMs: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** A text such as `7d` or `1h30m`, as milliseconds. */
export function parseDuration(text: string): number {
  if (!/^(\d{1,9}(\.\d{1,9})?(ns|us|ms|[smhdw]))+$/.test(text)) {
    throw new FilterError("a duration is a string such as 90s, 1h30m or 7d");
  }
  let sum = 0;
  for (const [, amount = "", , unit = ""] of text.matchAll(/(\d+(\.\d+)?)(ns|us|ms|[smhdw])/g)) {
    sum += Number(amount) * (unitMs[unit] ?? 0);
  }
  return sum;
}

const isStringLike = (type: ValueType) => type === "string" || type === "id";

/** A comparison, if the two sides can be compared so. */
export function comparison(operator: string, left: Typed, right: Typed): Typed {
  const alike = left.type === right.type || (isStringLike(left.type) && isStringLike(right.type));
  const isEquality = operator === "==" || operator === "!=";
  const hasNull = left.type === "null" || right.type === "null";
  const isOrdered =
    alike && (isStringLike(left.type) || left.type === "integer" || left.type === "timestamp");
  if (isEquality ? !alike && !hasNull : !isOrdered) {
    throw new FilterError(`«${operator}» does not compare ${left.type} with ${right.type}`);
  }
  if (left.type === "strings") throw new FilterError("lists are not compared; ask with `in` or size()");
  const asId = left.type === "id" || right.type === "id";
  const compare = comparators[operator];
  if (compare === undefined) throw new FilterError(`«${operator}» is not known`);
  return {
    type: "bool",
    evaluate(fields, nowMs) {
      const [a, b] = [left.evaluate(fields, nowMs), right.evaluate(fields, nowMs)];
      return asId ? compare(canonicalId(a), canonicalId(b)) : compare(a, b);
    },
  };
}

const comparators: Readonly<Record<string, (a: Value, b: Value) => boolean>> = {
  "==": (a, b) => a === b,
  "!=": (a, b) => a !== b,
  "<": (a, b) => order(a, b) < 0,
  "<=": (a, b) => order(a, b) <= 0,
  ">": (a, b) => order(a, b) > 0,
  ">=": (a, b) => order(a, b) >= 0,
};

function order(a: Value, b: Value): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  const [left, right] = [String(a), String(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Whether something is in a list. */
export function membership(item: Typed, list: Typed): Typed {
  if (!isStringLike(item.type) || list.type !== "strings") {
    throw new FilterError("`in` asks for a string in a list of strings");
  }
  const asId = item.type === "id";
  return {
    type: "bool",
    evaluate(fields, nowMs) {
      const [wanted, among] = [item.evaluate(fields, nowMs), list.evaluate(fields, nowMs)];
      if (!Array.isArray(among)) return false;
      return among.some((one: string) => (asId ? canonicalId(one) === canonicalId(wanted) : one === wanted));
    },
  };
}

/** `bot_…` and `service_…` name the same. */
function canonicalId(value: Value): Value {
  return typeof value === "string" ? value.replace(/^service_/, "bot_") : value;
}
