import { DomainError } from "@portcullis/errors";
import { lockUnchangedUser, saveUser } from "./change-user.ts";
import { requireDispensable, saveMember } from "./end-member.ts";
import { confirmAllRevoked, type EnforcementDeps } from "./enforcement.ts";
import { memberNotFound } from "./ids.ts";
import type { Member } from "./member.ts";
import type { Mutation } from "./mutation.ts";
import type { PeopleDeps } from "./people-ports.ts";
import type { Tx } from "./ports.ts";
import { proofFailure } from "./prove-user.ts";
import type { Revocation } from "./revocation.ts";
import { ownUser, type Self } from "./self.ts";
import type { User } from "./user.ts";

const operation = "user.delete";

/**
 * Deletes the caller with all memberships, or nothing; when it has returned, none of the person's sessions and
 * credentials works anywhere. PASSWORD_WRONG, LAST_ADMINISTRATOR, USER_IS_SUPER_ADMIN, ENFORCEMENT_PENDING.
 */
export async function deleteUser(
  deps: PeopleDeps & EnforcementDeps,
  command: { readonly mutation: Mutation; readonly self: Self; readonly password: string },
  signal: AbortSignal,
): Promise<Revocation> {
  const user = await ownUser(deps, command.self, signal);
  const failure = await proofFailure(deps, user, command.password, command.self, signal);
  if (failure !== undefined) throw failure;
  const outcome = await deps.unitOfWork.once(
    command.mutation,
    async (tx) => {
      const before = await lockUnchangedUser(tx, user);
      if (before.superAdmin) {
        throw new DomainError(
          "USER_IS_SUPER_ADMIN",
          "A super administrator can't be deleted. Have another one take that away first.",
        );
      }
      const ended: Member[] = [];
      // Always in the same order, so that two who share accounts don't wait for each other.
      for (const member of (await tx.membersOf(user.id)).toSorted(byAccount)) {
        ended.push(await endMember(deps, tx, member, before, signal));
      }
      await forget(deps, tx, before);
      return { resourceId: user.id, value: ended };
    },
    signal,
  );
  if (outcome.repeated) throw new Error("a mutation without a request id can't be a repeat");
  const refs = outcome.value.map(({ accountId, id }) => ({ accountId, principalId: id }));
  const enforcements = await confirmAllRevoked(deps, refs, signal);
  return { accountId: "", operation, targetId: user.id, enforcements };
}

async function endMember(
  deps: PeopleDeps,
  tx: Tx,
  { accountId, id }: Member,
  user: User,
  signal: AbortSignal,
): Promise<Member> {
  const member = await tx.lockMember(accountId, id);
  if (member === undefined) throw memberNotFound();
  if (member.state === "active") await requireDispensable(deps.memberGuard, tx, member, signal);
  const ended = await saveMember(tx, member, "deleted", user, deps.clock());
  await tx.audit({ accountId, action: operation, targetId: user.id, detail: { principalId: id } });
  return ended;
}

/** The row stays, so that the id is never used again, with nothing of the person in it. */
async function forget(deps: PeopleDeps, tx: Tx, user: User): Promise<void> {
  const nothing = {
    email: "",
    displayName: "",
    emailVerifiedAt: undefined,
    passwordHash: undefined,
    totp: undefined,
  };
  const secretsVersion = user.secretsVersion + 1;
  await saveUser(tx, user, { ...nothing, state: "deleted", secretsVersion }, deps.clock());
  await tx.replaceRecoveryCodes(user.id, []);
  await tx.forgetGuesses(user.id);
  await tx.deleteLinksOf(user.id, "reset_password");
  await tx.deleteLinksOf(user.id, "verify_email");
}

function byAccount(a: Member, b: Member): number {
  return a.accountId < b.accountId ? -1 : 1;
}
