import type { Mutation } from "./mutation.ts";
import type { Tx, UnitOfWork } from "./ports.ts";

/** What `work` would come to, refused as it would be. Changes nothing. */
export async function preview<T>(
  unitOfWork: UnitOfWork,
  mutation: Mutation,
  work: (tx: Tx) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  let found: TakenBack<T> | undefined;
  try {
    await unitOfWork.once(
      { ...mutation, requestId: undefined },
      async (tx) => {
        found = new TakenBack(await work(tx));
        throw found;
      },
      signal,
    );
  } catch (error) {
    if (found === undefined || error !== found) throw error;
    return found.value;
  }
  throw new Error("a preview was committed");
}

/** Takes everything back. */
class TakenBack<T> extends Error {
  readonly value: T;

  constructor(value: T) {
    super();
    this.value = value;
  }
}
