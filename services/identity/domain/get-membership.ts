import { type AccountId, type MemberId, memberNotFound } from "./ids.ts";
import type { MemberProfile, MemberStore } from "./people-ports.ts";

/** PRINCIPAL_NOT_FOUND for unknown ones, those of other accounts, and those who have left. */
export async function getMembership(
  deps: { readonly members: MemberStore },
  accountId: AccountId,
  id: MemberId,
  signal: AbortSignal,
): Promise<MemberProfile> {
  const found = await deps.members.findProfile(accountId, id, signal);
  if (found === undefined || found.member.state === "deleted") throw memberNotFound();
  return found;
}
