import { type Command, Option } from "commander";
import { CliError } from "../errors.ts";
import { readNamedFile } from "./named-file.ts";

/** Where a public key comes from: one of the two options. */
export interface PublicKeyOptions {
  readonly publicKey?: string;
  readonly publicKeyFile?: string;
}

/** Adds the two options. */
export function withPublicKeyOptions(command: Command): Command {
  return command
    .option("--public-key <line>", "the key as a line of authorized_keys")
    .addOption(new Option("--public-key-file <path>", "a file with that line").conflicts("publicKey"));
}

/** The authorized_keys line that the options name. */
export async function readPublicKey(options: PublicKeyOptions): Promise<string> {
  if (options.publicKey !== undefined) return parsePublicKey(options.publicKey);
  if (options.publicKeyFile !== undefined)
    return parsePublicKey(String(await readNamedFile("public key file", options.publicKeyFile)));
  throw CliError.usage("Name the key with --public-key or --public-key-file.");
}

/**
 * The one line of a public key file that holds a key, past blank lines and comments. A private key is refused
 * here, before it goes anywhere.
 */
export function parsePublicKey(text: string): string {
  if (text.includes("PRIVATE KEY")) {
    throw CliError.usage(
      "This is a private key. It was sent nowhere.",
      "Give the public key: the file beside it whose name ends in .pub.",
    );
  }
  const lines = text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
  const [line] = lines;
  if (line === undefined) throw CliError.usage("There is no public key in it.");
  if (lines.length > 1) throw CliError.usage("There are several keys in it. Give them one at a time.");
  return line;
}
