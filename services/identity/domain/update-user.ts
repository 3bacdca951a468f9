import { auditUser, saveUser } from "./change-user.ts";
import { requireEtag } from "./etag.ts";
import { type OwnProfile, profileOf } from "./get-user.ts";
import { userNotFound } from "./ids.ts";
import type { Mutation } from "./mutation.ts";
import type { PeopleDeps } from "./people-ports.ts";
import { ownUser, type Self } from "./self.ts";

export interface UpdateUserCommand {
  readonly mutation: Mutation;
  readonly self: Self;
  readonly displayName: string;
  /** Undefined: whatever it is. */
  readonly etag: string | undefined;
}

/** Renames the caller. USER_NOT_FOUND, ETAG_MISMATCH. */
export async function updateUser(
  deps: PeopleDeps,
  command: UpdateUserCommand,
  signal: AbortSignal,
): Promise<OwnProfile> {
  const { id } = await ownUser(deps, command.self, signal);
  const { displayName } = command;
  await deps.unitOfWork.once(
    command.mutation,
    async (tx) => {
      const before = await tx.lockUser(id);
      if (before === undefined) throw userNotFound();
      requireEtag(before, command.etag);
      if (before.displayName !== displayName) {
        await saveUser(tx, before, { displayName }, deps.clock());
        await auditUser(tx, id, "user.update", { displayName });
      }
      return { resourceId: id, value: undefined };
    },
    signal,
  );
  return profileOf(deps, await ownUser(deps, command.self, signal), signal);
}
