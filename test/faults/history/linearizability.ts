/** An operation on one object: when it was called and answered, by their places in the history, and what it does. */
export interface Operation<State> {
  readonly called: number;
  /** Infinity: never answered. It may have happened at any time after the call, or never. */
  readonly answered: number;
  /** The state after it, undefined if what it was answered can't be in that state. */
  readonly apply: (state: State) => State | undefined;
  /** It leaves every state as it is. */
  readonly isRead: boolean;
}

export type Linearizability = "linearizable" | "not linearizable" | "too large to tell";

/**
 * Whether the operations could have happened one after the other, each between its call and its answer (Wing and
 * Gong, with a memory of what was tried: Lowe). The states must be told apart by their text. It gives up after so
 * many steps.
 */
export function checkLinearizability<State extends string | number>(
  operations: readonly Operation<State>[],
  initial: State,
  stepsMax = 50_000,
): Linearizability {
  const sorted = operations.toSorted((a, b) => a.called - b.called);
  const tried = new Set<string>();
  let steps = 0;

  /** Those that nothing which is not done comes before. */
  const candidates = (first: number, done: ReadonlySet<number>): readonly number[] => {
    const found: number[] = [];
    // The first answer that is still to come: nothing that was called after it can be next.
    let firstAnswer = Number.POSITIVE_INFINITY;
    for (let index = first; index < sorted.length; index++) {
      const operation = sorted[index];
      if (operation === undefined || operation.called > firstAnswer) break;
      if (done.has(index)) continue;
      firstAnswer = Math.min(firstAnswer, operation.answered);
      found.push(index);
    }
    return found.filter((index) => (sorted[index]?.called ?? 0) <= firstAnswer);
  };

  const isReadOf = (operation: Operation<State> | undefined, state: State) =>
    operation?.isRead === true && operation.apply(state) !== undefined;

  /** `done` has those of index >= `from` that are done; all before are. */
  const search = (from: number, done: ReadonlySet<number>, state: State): Linearizability => {
    let first = from;
    const rest = new Set(done);
    let next: readonly number[] = [];
    // What never changes anything can as well be first, if it can be at all.
    for (let isMore = true; isMore; ) {
      while (rest.delete(first)) first++;
      next = candidates(first, rest);
      const reading = next.find((index) => isReadOf(sorted[index], state));
      isMore = reading !== undefined;
      if (reading !== undefined) rest.add(reading);
    }
    if (next.every((index) => sorted[index]?.answered === Number.POSITIVE_INFINITY)) return "linearizable";
    const key = `${first} ${[...rest].toSorted((a, b) => a - b).join(",")} ${state}`;
    if (tried.has(key)) return "not linearizable";
    tried.add(key);
    if (++steps > stepsMax) return "too large to tell";
    for (const index of next) {
      const after = sorted[index]?.apply(state);
      if (after === undefined) continue;
      const found = search(first, new Set([...rest, index]), after);
      if (found !== "not linearizable") return found;
    }
    return "not linearizable";
  };
  return search(0, new Set(), initial);
}
