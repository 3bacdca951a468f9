import type { ReceiptPublicKey } from "@portcullis/service/receipts";
import { z } from "zod";
import { problemsOf } from "../config/schema.ts";
import { CliError } from "../errors.ts";
import { readNamedFile } from "./named-file.ts";

const keysFileSchema = z.object({
  keys: z.array(
    z.object({
      issuer: z.string(),
      keyId: z.string(),
      publicKey: z.base64().transform((text) => new Uint8Array(Buffer.from(text, "base64"))),
    }),
  ),
});

/** The keys of receipts as they are kept in a file: what `portcullis receipt keys --json` prints. */
export function toKeysFile(keys: readonly ReceiptPublicKey[]): z.input<typeof keysFileSchema> {
  return {
    keys: keys.map(({ issuer, keyId, publicKey }) => ({
      issuer,
      keyId,
      publicKey: Buffer.from(publicKey).toString("base64"),
    })),
  };
}

/** Reads such a file. CliError names what is wrong with it. */
export async function readKeysFile(path: string): Promise<readonly ReceiptPublicKey[]> {
  const text = String(await readNamedFile("keys file", path));
  const parsed = keysFileSchema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data.keys;
  throw CliError.usage(
    `The keys file ${path} holds no keys of receipts: ${problemsOf(parsed.error)}.`,
    "Make it with `portcullis receipt keys --json`.",
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
