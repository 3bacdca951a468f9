import { readFile } from "node:fs/promises";
import { CliError } from "../errors.ts";

/** Reads a file that the command line names. CliError says in words why it can't be read. */
export async function readNamedFile(what: string, path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw CliError.usage(`The ${what} ${path} can't be read: ${fileProblem(error)}.`);
  }
}

/** What is wrong with a file, in words. */
export function fileProblem(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  switch ("code" in error ? error.code : undefined) {
    case "ENOENT":
      return "it does not exist";
    case "EACCES":
      return "permission denied";
    case "EEXIST":
      return "it exists already";
    case "EISDIR":
      return "it is a folder";
    default:
      return error.message;
  }
}
