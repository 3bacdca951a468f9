import type { Account } from "./account.ts";
import type { Member } from "./member.ts";
import type { PeopleDeps } from "./people-ports.ts";
import type { AccountStore } from "./ports.ts";
import { ownUser, type Self } from "./self.ts";

/** A membership of the caller, and where. */
export interface OwnMembership {
  readonly member: Member;
  readonly account: Account;
}

/** The caller's accounts, in the order of joining. USER_NOT_FOUND for a service user. */
export async function listOwnMemberships(
  deps: PeopleDeps & { readonly accounts: AccountStore },
  self: Self,
  signal: AbortSignal,
): Promise<readonly OwnMembership[]> {
  const user = await ownUser(deps, self, signal);
  const members = await deps.members.listOfUser(user.id, signal);
  const own = await Promise.all(
    members.map(async (member) => ({ member, account: await deps.accounts.find(member.accountId, signal) })),
  );
  return own.flatMap(({ member, account }) => (account === undefined ? [] : [{ member, account }]));
}
