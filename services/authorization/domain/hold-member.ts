import { DomainError } from "@portcullis/errors";
import type { PrincipalRef } from "./ids.ts";
import { lastAdministrator } from "./member-guard.ts";
import type { Actor } from "./mutation.ts";
import type { UnitOfWork } from "./ports.ts";
import type { PrincipalTx } from "./principal-ports.ts";

/**
 * Takes a member who is about to go out of the count of active administrators, and returns until when;
 * undefined if the version is enforced already. LAST_ADMINISTRATOR if nobody else would be left.
 */
export async function holdMember(
  deps: { readonly work: UnitOfWork<PrincipalTx> },
  actor: Actor,
  ref: PrincipalRef | undefined,
  version: number,
  signal: AbortSignal,
): Promise<Date | undefined> {
  if (ref === undefined) throw notFound();
  const { value } = await deps.work.run(
    actor,
    async (tx) => {
      const known = await tx.lockWithAdministrators(ref);
      if (known === undefined || known.state === "deleted") throw notFound();
      if (known.version >= version) return undefined;
      const active = await tx.lockActiveAdministrators(ref.accountId);
      const isLast = active.length === 1 && active[0] === ref.principalId;
      if (isLast) throw lastAdministrator();
      const until = await tx.holdMember(ref, version);
      await tx.audit({
        accountId: ref.accountId,
        action: "member.hold",
        targetId: ref.principalId,
        detail: { version },
      });
      return until;
    },
    signal,
  );
  return value;
}

function notFound(): DomainError {
  return new DomainError("PRINCIPAL_NOT_FOUND", "There is no such user in this account.");
}
