import { DomainError } from "@portcullis/errors";
import type { AccountId } from "./ids.ts";
import type { Tx } from "./ports.ts";

/** FIRST_ACCOUNT. Lock the account first. */
export async function requireNotFirst(tx: Tx, accountId: AccountId): Promise<void> {
  if ((await tx.lockInstallation())?.accountId !== accountId) return;
  throw new DomainError(
    "FIRST_ACCOUNT",
    "The installation's first account can't be suspended or deleted: it is where its operators are.",
  );
}
