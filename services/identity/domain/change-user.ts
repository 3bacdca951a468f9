import { DomainError } from "@portcullis/errors";
import { type UserId, userNotFound } from "./ids.ts";
import type { Tx } from "./ports.ts";
import type { User } from "./user.ts";

/** The user, if its secrets are still those that were checked before the transaction: CONCURRENT_CHANGE. */
export async function lockUnchangedUser(tx: Tx, checked: User): Promise<User> {
  const user = await tx.lockUser(checked.id);
  if (user === undefined) throw userNotFound();
  if (user.secretsVersion === checked.secretsVersion) return user;
  throw new DomainError(
    "CONCURRENT_CHANGE",
    "The password or second factor was changed at this moment. Nothing else was changed; try again.",
  );
}

/** Stores a user as changed now. */
export async function saveUser(tx: Tx, before: User, changes: Partial<User>, now: Date): Promise<User> {
  const after = { ...before, ...changes, version: before.version + 1, updatedAt: now };
  await tx.updateUser(after);
  return after;
}

/** Notes in each account of a person what has happened to the person; in the installation's log if there is none. */
export async function auditUser(
  tx: Tx,
  userId: UserId,
  action: string,
  detail: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  const members = await tx.membersOf(userId);
  const logs = members.length === 0 ? [installationLog] : members.map(({ accountId }) => accountId);
  for (const accountId of logs) {
    await tx.audit({ accountId, action, targetId: userId, detail });
  }
}

/** What is noted of no account in particular. */
const installationLog = "" as const;
