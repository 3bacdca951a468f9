import { AccountState } from "@portcullis/contracts/portcullis/common/v1/account_pb.ts";
import type { ApplyAccountRequest } from "@portcullis/contracts/portcullis/enforcement/v1/account_enforcement_pb.ts";
import type { Account } from "../domain/account.ts";
import { parseAccountId } from "../domain/ids.ts";
import { invalid } from "./fields.ts";

export const wireOfState = {
  active: AccountState.ACTIVE,
  suspended: AccountState.SUSPENDED,
  deleted: AccountState.DELETED,
} as const satisfies Record<Account["state"], AccountState>;

const stateOfWire: ReadonlyMap<AccountState, Account["state"]> = new Map([
  [AccountState.ACTIVE, "active"],
  [AccountState.SUSPENDED, "suspended"],
  [AccountState.DELETED, "deleted"],
]);

/** The whole of it must be told, or nothing is enforced: VALIDATION_FAILED. */
export function parseAccount(request: ApplyAccountRequest): Account {
  const state = stateOfWire.get(request.state);
  if (state === undefined) throw invalid("state", "must be a state");
  const version = Number(request.version);
  if (version < 1 || !Number.isSafeInteger(version))
    throw invalid("version", "must be a version: 1 or above");
  return { accountId: parseAccountId(request.accountId), state, version };
}
