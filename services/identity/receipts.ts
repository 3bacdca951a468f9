import { storeReceipt } from "@portcullis/postgres";
import {
  createReceiptBook,
  createReceiptIssuer,
  newId,
  type ReceiptBook,
  type ReceiptKeys,
  type ServerOptions,
} from "@portcullis/service";
import type { Kysely } from "kysely";
import { serviceName } from "./peers/connect.ts";
import type { Schema } from "./store/schema.ts";

/** The receipts that identity signs, kept in its database. */
export function createReceipts(
  keys: ReceiptKeys,
  db: Kysely<Schema>,
  log: ServerOptions["log"],
): ReceiptBook {
  return createReceiptBook({
    issuer: createReceiptIssuer({ keys, issuer: serviceName, newId }),
    store: (record, signal) => storeReceipt(db, record, signal),
    clock: () => new Date(),
    log,
  });
}
