import { expect, test } from "vitest";
import type { Event } from "./history.ts";
import { checkLinearizableHistory } from "./linearizable-history.ts";

const ownerOf = (subject: string) => (subject === "token" ? "owner" : undefined);
const taken: readonly Event[] = [
  { type: "change", id: 1, atMs: 0, by: "writer", subject: "owner", gives: false },
  { type: "committed", id: 1, order: 1 },
];
const verified = (id: number, outcome: "valid" | "refused" | "unavailable"): readonly Event[] => [
  { type: "verification", id, atMs: 0, by: "replica", subjects: ["token", "owner"] },
  { type: "answer", id, atMs: 0, outcome, source: "memory" },
];

test("a history is rejected if an answer is not true of any moment of its verification", () => {
  expect(
    checkLinearizableHistory([...verified(2, "valid"), ...taken, ...verified(3, "refused")], ownerOf),
  ).toEqual([]);
  expect(checkLinearizableHistory([...taken, ...verified(2, "unavailable")], ownerOf)).toEqual([]);
  expect(checkLinearizableHistory([...taken, ...verified(2, "valid")], ownerOf)).toMatchObject([
    { check: "linearizability" },
  ]);
});
