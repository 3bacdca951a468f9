import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkLinearizability, type Operation } from "./linearizability.ts";

const write = (called: number, answered: number, value: number): Operation<number> => {
  return { called, answered, apply: () => value, isRead: false };
};
const read = (called: number, answered: number, value: number): Operation<number> => {
  return { called, answered, apply: (state) => (state === value ? state : undefined), isRead: true };
};
const never = Number.POSITIVE_INFINITY;

describe("the linearizability check", () => {
  test.each<[string, Operation<number>[]]>([
    ["nothing", []],
    ["one after the other", [write(1, 2, 5), read(3, 4, 5)]],
    ["a read beside a write, before it", [write(1, 4, 5), read(2, 3, 0)]],
    ["a read beside a write, after it", [write(1, 4, 5), read(2, 3, 5)]],
    ["two writes at once, in either order", [write(1, 4, 5), write(2, 3, 6), read(5, 6, 5)]],
    ["a write that nobody knows of, long after", [write(1, never, 5), read(2, 3, 0), read(4, 5, 5)]],
    ["a write that nobody knows of, never", [write(1, never, 5), read(2, 3, 0), read(4, 5, 0)]],
    ["a write that changes nothing at first", [write(1, 6, 0), write(2, 3, 5), read(4, 5, 5), read(7, 8, 0)]],
  ])("accepts %s", (_, operations) => {
    expect(checkLinearizability(operations, 0)).toBe("linearizable");
  });

  test.each<[string, Operation<number>[]]>([
    ["a read of what was never written", [read(1, 2, 5)]],
    ["a stale read", [write(1, 2, 5), read(3, 4, 0)]],
    ["a read from the future", [read(1, 2, 5), write(3, 4, 5)]],
    ["new, then old, beside one write", [write(1, 6, 5), read(2, 3, 5), read(4, 5, 0)]],
    [
      "two readers that saw two writes in different orders",
      [write(1, 2, 5), write(1, 9, 6), read(3, 4, 6), read(5, 6, 5)],
    ],
    [
      "an unknown write that was seen, and undone by nobody",
      [write(1, never, 5), read(2, 3, 5), read(4, 5, 0)],
    ],
  ])("rejects %s", (_, operations) => {
    expect(checkLinearizability(operations, 0)).toBe("not linearizable");
  });

  test("gives up rather than take for ever", () => {
    const writes = Array.from({ length: 30 }, (_, index) => write(1, 1_000, index));
    expect(checkLinearizability([...writes, read(1_001, 1_002, 99)], 0, 100)).toBe("too large to tell");
  });

  test("says what trying every order says", () => {
    const operation = fc.tuple(fc.nat(8), fc.nat(4), fc.nat(2), fc.boolean());
    const isPossible = (left: readonly Operation<number>[], state: number): boolean =>
      left.every(({ answered }) => answered === never) ||
      left.some((next) => {
        if (left.some(({ answered }) => answered < next.called)) return false;
        const after = next.apply(state);
        return (
          after !== undefined &&
          isPossible(
            left.filter((other) => other !== next),
            after,
          )
        );
      });
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 6 }), (drawn) => {
        const operations = drawn.map(([called, took, value, isRead]) =>
          isRead
            ? read(called, called + took, value)
            : write(called, took === 4 ? never : called + took, value),
        );
        const expected = isPossible(operations, 0) ? "linearizable" : "not linearizable";
        expect(checkLinearizability(operations, 0)).toBe(expected);
      }),
      { numRuns: 3_000 },
    );
  });
});
