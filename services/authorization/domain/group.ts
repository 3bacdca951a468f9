import { DomainError } from "@portcullis/errors";
import { type AccountId, everyoneId } from "./ids.ts";

/** A group of an account, but not Everyone. */
export interface NamedGroup {
  readonly accountId: AccountId;
  /** `grp_…` */
  readonly groupId: string;
  readonly displayName: string;
  readonly description: string;
  /** In order. */
  readonly roleIds: readonly string[];
  readonly memberCount: number;
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** Everybody of the account. */
export interface Everyone {
  readonly accountId: AccountId;
  readonly groupId: typeof everyoneId;
  /** In order. */
  readonly roleIds: readonly string[];
}

export type Group = NamedGroup | Everyone;

export function groupNotFound(groupId: string): DomainError {
  return new DomainError("GROUP_NOT_FOUND", "There is no such group in this account.", {
    metadata: { group_id: groupId },
  });
}

/** EVERYONE_FIXED for Everyone. */
export function requireNamed(groupId: string): void {
  if (groupId !== everyoneId) return;
  throw new DomainError(
    "EVERYONE_FIXED",
    "Everyone is in Everyone: it can't be joined, left, renamed or deleted. Its roles can be changed.",
  );
}

/** GROUP_NAME_TAKEN for a name that reads like that of Everyone. */
export function requireFreeName(nameKey: string): void {
  if (nameKey === "everyone") throw groupNameTaken();
}

export function groupNameTaken(): DomainError {
  return new DomainError(
    "GROUP_NAME_TAKEN",
    "Another group of the account has this name. Choose another one.",
  );
}
