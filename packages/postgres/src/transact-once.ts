import type { Kysely, Transaction } from "kysely";
import { claimRequest, recordResult } from "./idempotency.ts";
import type { SharedTables } from "./shared-tables.ts";
import { transact } from "./transact.ts";

/** Which request of whom asks for a change. */
export interface RequestedMutation {
  readonly actor:
    | { readonly kind: "principal"; readonly accountId: string; readonly principalId: string }
    | { readonly kind: "workload"; readonly name: string };
  readonly accountId: string;
  readonly method: string;
  /** Absent: every call is a new request. */
  readonly requestId: string | undefined;
  readonly requestDigest: Uint8Array;
}

export type Outcome<T> =
  | { readonly repeated: false; readonly value: T }
  | { readonly repeated: true; readonly resourceId: string };

/**
 * As `transact`, once for each request id: a repeat of a request that was committed does not run `work`, and
 * is told the resource id that `work` gave then. Two that run at once take turns.
 * REQUEST_ID_REUSED when the id came with another request before.
 */
export async function transactOnce<Schema extends SharedTables, T>(
  db: Kysely<Schema>,
  mutation: RequestedMutation,
  work: (trx: Transaction<Schema>) => Promise<{ readonly resourceId: string; readonly value: T }>,
  options: TransactOnceOptions<Schema>,
): Promise<Outcome<T>> {
  const { requestId, accountId, method, requestDigest } = mutation;
  const finish = options.beforeCommit ?? (async () => {});
  if (requestId === undefined) {
    const run = async (trx: Transaction<Schema>) => {
      const { value } = await work(trx);
      await finish(trx);
      return { repeated: false, value } as const;
    };
    return transact(db, run, options);
  }
  const key = { accountId, actorId: actorIdOf(mutation.actor), requestId };
  return transact(
    db,
    async (trx) => {
      const claim = await claimRequest(trx, { ...key, method, requestDigest });
      if (!claim.claimed) {
        await finish(trx);
        return { repeated: true, resourceId: claim.resourceId } as const;
      }
      const { resourceId, value } = await work(trx);
      await recordResult(trx, key, resourceId);
      await finish(trx);
      return { repeated: false, value } as const;
    },
    options,
  );
}

export interface TransactOnceOptions<Schema> {
  readonly signal: AbortSignal;
  /** The last statements of the transaction, of a repeat too. */
  readonly beforeCommit?: (trx: Transaction<Schema>) => Promise<void>;
}

/** One user in two accounts is two principals, so that the account is part of who it is. */
function actorIdOf(actor: RequestedMutation["actor"]): string {
  return actor.kind === "principal" ? `${actor.accountId}/${actor.principalId}` : `workload:${actor.name}`;
}
