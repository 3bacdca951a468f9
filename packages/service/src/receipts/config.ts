import { z } from "zod";
import { parseReceiptKeys, type ReceiptKeys, ReceiptKeysError } from "./keys.ts";

const howTo = "make one with `npm run --silent portcullis -- receipt new-key`";

/** What a service that issues receipts reads, by the name of its environment variable. */
export const receiptConfig = {
  /** What receipts are signed with; see `parseReceiptKeys`. */
  RECEIPT_SIGNING_KEYS: z
    .string()
    .optional()
    .transform((text, context): ReceiptKeys => {
      if (text === undefined) {
        context.addIssue({ code: "custom", message: `is required: ${howTo}` });
        return z.NEVER;
      }
      try {
        return parseReceiptKeys(text);
      } catch (error) {
        if (!(error instanceof ReceiptKeysError)) throw error;
        context.addIssue({ code: "custom", message: `${error.message}; ${howTo}` });
        return z.NEVER;
      }
    }),
} as const;
