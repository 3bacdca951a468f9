import { type Timestamp, timestampMs } from "@bufbuild/protobuf/wkt";
import { z } from "zod";
import { WavefrontError } from "./errors.ts";
import type { QueryParameter, WavefrontRequest } from "./operation.ts";

/** A text; null is how some clients leave a field out. */
export const text = z
  .string()
  .max(10_000)
  .refine((value) => value.isWellFormed(), { error: "must be well-formed Unicode" })
  .nullish();
export const flag = z.boolean().nullish();

/** Permissions, which this API calls groups. */
export const permissionList = z.array(z.string().max(128)).max(100).nullish();

/** An id, or an object that has one: clients write back what they have read. */
const idOrObject = z
  .union([
    z.string(),
    z.looseObject({ id: z.string() }).transform(({ id }) => id),
    z.looseObject({ identifier: z.string() }).transform(({ identifier }) => identifier),
    z.looseObject({ tokenID: z.string() }).transform(({ tokenID }) => tokenID),
  ])
  .pipe(z.string().max(400));

const idsMax = 1_000;
export const idList = z.array(idOrObject).max(idsMax).nullish();

/** A body that is a list of ids; nothing, `null` and `{}` are an empty one, and a text is a list of one. */
export const idListBody = z.preprocess((body) => {
  if (typeof body === "string") return [body];
  return Array.isArray(body) ? body : [];
}, z.array(idOrObject).max(idsMax));

/** What the schema makes of a body; one that is missing, or `null`, is an empty object. */
export function parseBody(schema: z.ZodType, body: unknown): unknown {
  const parsed = schema.safeParse(body ?? {});
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = issue?.path.join(".") ?? "";
  throw new WavefrontError(400, `${field === "" ? "The body" : field}: ${issue?.message ?? "is not valid"}`);
}

const limitMax = 1_000;
const offsetMax = 1_000_000_000;

/** The query of a list. */
export const pageQuery: readonly QueryParameter[] = [
  {
    name: "offset",
    description: "How many to leave out at the beginning.",
    schema: { type: "integer", minimum: 0, maximum: offsetMax, default: 0 },
  },
  {
    name: "limit",
    description: `How many at most; ${limitMax} where it is more.`,
    schema: { type: "integer", minimum: 1, default: 100 },
  },
];

/** Which part of a list is asked for. */
export interface Window {
  readonly offset: number;
  readonly limit: number;
}

export function windowOf(request: WavefrontRequest<unknown>): Window {
  const read = (name: string, otherwise: number) => {
    const value = request.query(name).at(-1);
    if (value === undefined || value === "") return otherwise;
    if (!/^\d{1,10}$/.test(value))
      throw new WavefrontError(400, `${name} must be a whole number, 0 or more.`);
    return Number(value);
  };
  return parseWindow(read("offset", 0), read("limit", 100));
}

export function parseWindow(offset: number, limit: number): Window {
  if (offset > offsetMax) throw new WavefrontError(400, `offset must be at most ${offsetMax}.`);
  if (limit < 1) throw new WavefrontError(400, "limit must be at least 1.");
  return { offset, limit: Math.min(limit, limitMax) };
}

/** The name of a path's part; empty for one that the route has not. */
export function pathPart(request: WavefrontRequest<unknown>, name: string): string {
  return request.path[name] ?? "";
}

/** Milliseconds, as this API shows times; nothing for what has none. */
export function showMs<Name extends string>(
  name: Name,
  timestamp: Timestamp | undefined,
): { readonly [key in Name]?: number } {
  // The computed name is the one of the type.
  return timestamp === undefined ? {} : ({ [name]: timestampMs(timestamp) } as Record<Name, number>);
}

/** A text that is left out where it is empty. */
export function showText<Name extends string>(
  name: Name,
  value: string,
): { readonly [key in Name]?: string } {
  // As above.
  return value === "" ? {} : ({ [name]: value } as Record<Name, string>);
}
