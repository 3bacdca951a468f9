// What needs no server: for clients that check receipts, and for those who make keys.
export { createReceiptIssuer, type ReceiptIssuer, type ReceiptRequest, type Revocation } from "./issue.ts";
export {
  type NewReceiptKey,
  newReceiptKey,
  parseReceiptKeys,
  publicEntryOf,
  type ReceiptKeys,
  ReceiptKeysError,
  type ReceiptPublicKey,
} from "./keys.ts";
export { claimedIssuer, type ReceiptVerification, verifyReceipt } from "./verify.ts";
