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
import { serviceName } from "./server.ts";
import type { AuthorizationSchema } from "./store/schema.ts";

/** The receipts that authorization signs, kept in its database. */
export function createReceipts(
  keys: ReceiptKeys,
  db: Kysely<AuthorizationSchema>,
  log: ServerOptions["log"],
): ReceiptBook {
  return createReceiptBook({
    issuer: createReceiptIssuer({ keys, issuer: serviceName, newId }),
    store: (record, signal) => storeReceipt(db, record, signal),
    clock: () => new Date(),
    log,
  });
}
