import { CliError } from "../errors.ts";

/** The update mask that names the fields with a value, of which there must be one. */
export function maskOf(fields: Readonly<Record<string, unknown>>): { readonly paths: string[] } {
  const paths = Object.keys(fields).filter((path) => fields[path] !== undefined);
  if (paths.length > 0) return { paths };
  throw CliError.usage("There is nothing to change.", "Add --help to see what can be changed.");
}
