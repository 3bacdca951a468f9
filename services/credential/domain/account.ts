import { DomainError } from "@portcullis/errors";
import { type AccountId, principalNotFound } from "./ids.ts";

/** An account as identity decided it, as of a version. */
export interface Account {
  readonly accountId: AccountId;
  /** Stands above the states of its principals. */
  readonly state: "active" | "suspended" | "deleted";
  /** Grows with each change. */
  readonly version: number;
}

/** A principal of a deleted account is deleted: PRINCIPAL_NOT_FOUND. Of a suspended one: ACCOUNT_SUSPENDED. */
export function requireActiveAccount(state: Account["state"]): void {
  switch (state) {
    case "active":
      return;
    case "suspended":
      throw new DomainError(
        "ACCOUNT_SUSPENDED",
        "The account is suspended. Ask an operator of the installation to restore it.",
      );
    case "deleted":
      throw principalNotFound();
  }
}
