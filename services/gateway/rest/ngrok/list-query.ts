import { readQuery } from "../common/query.ts";
import { NgrokError } from "./errors.ts";
import { FilterError } from "./filter/lexer.ts";
import { type Filter, parseFilter } from "./filter/parse-filter.ts";
import type { FieldTypes } from "./filter/values.ts";

/** Which part of a list is asked for. */
export interface ListQuery {
  readonly limit: number;
  /** As the client wrote it; empty for the beginning. */
  readonly beforeId: string;
  readonly filter: Filter | undefined;
  /** As it was written, to be repeated in the next page's address. */
  readonly filterText: string;
}

const limitMax = 100;

/** Reads the query of a list; one without a filter where there are no fields. */
export function parseListQuery(url: string, fields: FieldTypes | undefined): ListQuery {
  const known = ["before_id", "beforeId", "limit", ...(fields === undefined ? [] : ["filter"])];
  const query = readQueryOnce(url, known);
  const beforeIds = [query.get("before_id"), query.get("beforeId")].filter((id) => id !== undefined);
  if (new Set(beforeIds).size > 1) throw repeated("before_id");
  const filterText = query.get("filter") ?? "";
  return {
    limit: parseLimit(query.get("limit")),
    beforeId: beforeIds[0] ?? "",
    filter: fields === undefined || filterText === "" ? undefined : parse(filterText, fields),
    filterText,
  };
}

/** The query of a request, which may have each of these parameters, once. */
export function readQueryOnce(url: string, known: readonly string[]): ReadonlyMap<string, string> {
  const parameters = [...readQuery(url)];
  const unknown = parameters.find(([name]) => !known.includes(name));
  if (unknown !== undefined) {
    const supported = known.length === 0 ? "none" : known.filter((name) => name !== "beforeId").join(", ");
    throw new NgrokError("ERR_NGROK_231", `The query has an unknown parameter. Supported: ${supported}.`);
  }
  return new Map(
    parameters.map(([name, values]) => {
      if (values.length > 1) throw repeated(name);
      return [name, values[0] ?? ""];
    }),
  );
}

function repeated(name: string): NgrokError {
  return new NgrokError("ERR_NGROK_232", `The parameter ${name} must have a single value.`);
}

function parseLimit(text: string | undefined): number {
  if (text === undefined) return limitMax;
  if (!/^-?\d{1,15}$/.test(text)) throw new NgrokError("ERR_NGROK_244", "The limit must be a whole number.");
  const limit = Number(text);
  if (limit >= 1 && limit <= limitMax) return limit;
  throw new NgrokError("ERR_NGROK_233", `The limit must be between 1 and ${limitMax}.`);
}

function parse(text: string, fields: FieldTypes): Filter {
  try {
    return parseFilter(text, fields);
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    throw new NgrokError("ERR_NGROK_250", `The filter is not valid: ${error.message}.`);
  }
}
