import { z } from "zod";
import { WavefrontError } from "./errors.ts";

const matchingMethod = z
  .enum(["CONTAINS", "STARTSWITH", "EXACT", "TAGPATH"])
  .nullish()
  .transform((method) => method ?? "CONTAINS");

const condition = z.object({
  key: z.string().max(100),
  value: z.string().max(1_000).nullish(),
  values: z.array(z.string().max(1_000)).max(1_000).nullish(),
  matchingMethod,
  negated: z.boolean().nullish(),
});

const count = z.int().min(0).nullish();

export const searchBody = z.object({
  query: z.array(condition).max(50).nullish(),
  limit: count,
  offset: count,
  sort: z.object({ field: z.string().max(100).nullish(), ascending: z.boolean().nullish() }).nullish(),
});

export const facetBody = z.object({
  ...searchBody.shape,
  facetQuery: z.string().max(1_000).nullish(),
  facetQueryMatchingMethod: matchingMethod,
});

export const facetsBody = z.object({
  ...facetBody.shape,
  facets: z.array(z.string().max(100)).max(50).nullish(),
});

export type SearchBody = z.output<typeof searchBody>;
type Method = z.output<typeof matchingMethod>;

/** A condition that must hold: that one of the field's values matches one of these, or, negated, that none does. */
export interface Condition {
  readonly field: string;
  readonly values: readonly string[];
  readonly method: Method;
  readonly negated: boolean;
}

/** The values that each thing has for each field that can be asked for. */
export type SearchFields<Thing> = Readonly<Record<string, (thing: Thing) => readonly string[]>>;

/** The conditions of a search. 400 for a field that can't be asked for. */
export function conditionsOf(
  body: SearchBody,
  fields: Readonly<Record<string, unknown>>,
): readonly Condition[] {
  return (body.query ?? []).map(({ key, value, values, matchingMethod: method, negated }) => {
    requireField(key, fields);
    const wanted = values ?? (value == null ? [] : [value]);
    if (wanted.length === 0) throw new WavefrontError(400, "query: a condition needs a value");
    return { field: key, values: wanted, method, negated: negated ?? false };
  });
}

export function requireField(name: string, fields: Readonly<Record<string, unknown>>): void {
  if (Object.hasOwn(fields, name)) return;
  const known = Object.keys(fields).join(", ");
  throw new WavefrontError(400, `There is no such field to search by. There are: ${known}.`);
}

/** Whether all conditions hold. Without regard to case. */
export function matches<Thing>(
  thing: Thing,
  conditions: readonly Condition[],
  fields: SearchFields<Thing>,
): boolean {
  return conditions.every(({ field, values, method, negated }) => {
    const present = fields[field]?.(thing) ?? [];
    const isMatch = values.some((value) => present.some((one) => matchesText(one, value, method)));
    return isMatch !== negated;
  });
}

export function matchesText(text: string, wanted: string, method: Method): boolean {
  const [one, other] = [text.toLowerCase(), wanted.toLowerCase()];
  switch (method) {
    case "CONTAINS":
      return one.includes(other);
    case "STARTSWITH":
      return one.startsWith(other);
    case "EXACT":
      return one === other;
    case "TAGPATH":
      return one === other || one.startsWith(`${other}.`);
  }
}
