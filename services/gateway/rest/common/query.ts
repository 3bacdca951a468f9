import { RequestFault } from "./fault.ts";

/** The parameters of a URL's query, each with all its values. Throws `query_unreadable`. */
export function readQuery(url: string): ReadonlyMap<string, readonly string[]> {
  const parameters = new Map<string, string[]>();
  const start = url.indexOf("?");
  if (start === -1) return parameters;
  for (const part of url.slice(start + 1).split("&")) {
    if (part === "") continue;
    const equals = part.indexOf("=");
    const name = decode(equals === -1 ? part : part.slice(0, equals));
    const value = equals === -1 ? "" : decode(part.slice(equals + 1));
    const values = parameters.get(name);
    if (values === undefined) parameters.set(name, [value]);
    else values.push(value);
  }
  return parameters;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    throw new RequestFault("query_unreadable", "The query part of the URL is not well formed.");
  }
}
