import { join } from "node:path";

/** What stands where in a data folder. */
export const paths = {
  lock: (root: string) => join(root, "lock"),
  marker: (root: string) => join(root, "portcullis.json"),
  run: (root: string) => join(root, "run.json"),
  state: (root: string) => join(root, "state.json"),
  workloadKey: (root: string) => join(root, "workload-key"),
  encryptionKeys: (root: string) => join(root, "encryption-keys"),
  /** What a service signs its receipts with, as RECEIPT_SIGNING_KEYS has it. */
  receiptKeys: (root: string, service: string) => join(root, `receipt-keys-${service}`),
  postgres: (root: string) => join(root, "postgres"),
  redis: (root: string) => join(root, "redis"),
  logs: (root: string) => join(root, "logs"),
  log: (root: string, name: string) => join(root, "logs", `${name}.log`),
  /** Where identity writes mails while there is no mail server. */
  mail: (root: string) => join(root, "mail"),
  compileCache: (root: string) => join(root, "cache"),
  /** What a reset was deleting. */
  discarded: (root: string) => join(root, "discarded"),
} as const;
