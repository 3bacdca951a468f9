import { AccountState } from "@portcullis/contracts/portcullis/common/v1/account_pb.ts";
import type { ApplyAccountRequest } from "@portcullis/contracts/portcullis/enforcement/v1/account_enforcement_pb.ts";
import type { Account } from "../domain/account.ts";
import { parseAccountId } from "../domain/ids.ts";
import { invalid } from "./messages.ts";

export const wireOfAccountState = {
  active: AccountState.ACTIVE,
  suspended: AccountState.SUSPENDED,
  deleted: AccountState.DELETED,
} as const satisfies Record<Account["state"], AccountState>;

const states: ReadonlyMap<AccountState, Account["state"]> = new Map([
  [AccountState.ACTIVE, "active"],
  [AccountState.SUSPENDED, "suspended"],
  [AccountState.DELETED, "deleted"],
]);

/** VALIDATION_FAILED for an account that is not whole: half a state must not be enforced. */
export function parseAccount(request: ApplyAccountRequest): Account {
  const state = states.get(request.state);
  if (state === undefined) throw invalid("state", "must be a known state");
  const version = Number(request.version);
  if (!Number.isSafeInteger(version) || version < 1) {
    throw invalid("version", "must be 1 or more, and exact as a double");
  }
  return { accountId: parseAccountId(request.accountId), state, version };
}
