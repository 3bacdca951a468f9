import { newReceiptKey, parseReceiptKeys, ReceiptKeysError } from "@portcullis/service/receipts";
import { readIfThere, replaceFile } from "./files.ts";
import { LauncherError } from "./launcher-error.ts";
import { paths } from "./paths.ts";

/** What the service signs its receipts with, as RECEIPT_SIGNING_KEYS has it; made once for a data folder. */
export async function ensureReceiptKeys(root: string, service: string): Promise<string> {
  const file = paths.receiptKeys(root, service);
  const existing = (await readIfThere(file))?.trim();
  if (existing !== undefined) return requireReadable(file, existing);
  const { signingEntry } = newReceiptKey();
  await replaceFile(file, `${signingEntry}\n`);
  return signingEntry;
}

function requireReadable(file: string, keys: string): string {
  try {
    parseReceiptKeys(keys);
    return keys;
  } catch (error) {
    if (!(error instanceof ReceiptKeysError)) throw error;
    throw new LauncherError(
      `The file ${file} is damaged: ${error.message}. Put it right or delete it: the next start makes another key, and receipts that were signed before can't be checked with it.`,
    );
  }
}
