import { describe, expect, test } from "vitest";
import type { Event, Outcome } from "./history.ts";
import { checkSafety } from "./safety.ts";

/** Writes histories: each line happens after the one before. */
const change = (id: number, gives: boolean, subject = "owner"): Event => {
  return { type: "change", id, atMs: 0, by: "writer", subject, gives };
};
const committed = (id: number, order = id): Event => ({ type: "committed", id, order });
const receipt = (id: number): Event => ({ type: "receipt", id, atMs: 0, method: "acknowledged" });
const unknown = (id: number): Event => ({ type: "unknown", id, atMs: 0 });
const verification = (id: number, subjects = ["token", "owner"]): Event => {
  return { type: "verification", id, atMs: 0, by: "replica", subjects };
};
const answer = (id: number, outcome: Outcome): Event => {
  return { type: "answer", id, atMs: 0, outcome, source: "memory" };
};
const verified = (id: number, outcome: Outcome) => [verification(id), answer(id, outcome)];
const changed = (id: number, gives: boolean, subject = "owner") => [
  change(id, gives, subject),
  committed(id),
  receipt(id),
];
const found = (...events: readonly (Event | readonly Event[])[]) =>
  checkSafety(events.flat()).map(({ check }) => check);

describe("the safety check", () => {
  test("accepts what is valid before, and refused after", () => {
    expect(found(verified(11, "valid"), changed(1, false), verified(12, "refused"))).toEqual([]);
  });

  test("rejects what started after a receipt and is valid", () => {
    expect(found(changed(1, false), verified(11, "valid"))).toEqual(["stale accept"]);
    expect(found(changed(1, false, "token"), verified(11, "valid"))).toEqual(["stale accept"]);
  });

  test("accepts either answer to what started before the receipt", () => {
    for (const outcome of ["valid", "refused"] as const) {
      expect(
        found(change(1, false), verification(11), committed(1), receipt(1), answer(11, outcome)),
      ).toEqual([]);
      expect(found(change(1, false), committed(1), verified(11, outcome), receipt(1))).toEqual([]);
    }
  });

  test("accepts what is valid once a later change that gives access has started", () => {
    expect(found(changed(1, false), change(2, true), verified(11, "valid"), committed(2))).toEqual([]);
    expect(
      found(changed(1, false), verification(11), change(2, true), answer(11, "valid"), committed(2)),
    ).toEqual([]);
  });

  test("rejects what is valid before the later change has started, or if it was made earlier", () => {
    expect(found(changed(1, false), verified(11, "valid"), changed(2, true))).toEqual(["stale accept"]);
    expect(
      found(
        change(2, true),
        change(1, false),
        committed(2, 1),
        committed(1, 2),
        receipt(2),
        receipt(1),
        verified(11, "valid"),
      ),
    ).toEqual(["stale accept"]);
  });

  test("accepts what is valid when the change that gives access ran at the same time and was made later", () => {
    expect(
      found(
        change(1, false),
        change(2, true),
        committed(1, 1),
        committed(2, 2),
        receipt(2),
        receipt(1),
        verified(11, "valid"),
      ),
    ).toEqual([]);
  });

  test("does not excuse it by a change that was never made, nor by one of another owner", () => {
    expect(
      found(
        changed(1, false),
        change(2, true),
        unknown(2),
        { type: "never made", id: 2 },
        verified(11, "valid"),
      ),
    ).toEqual(["stale accept"]);
    expect(found(changed(1, false), changed(2, true, "token"), verified(11, "valid"))).toEqual([
      "stale accept",
    ]);
  });

  test("excuses it by one of which nobody knows", () => {
    expect(found(changed(1, false), change(2, true), unknown(2), verified(11, "valid"))).toEqual([]);
  });

  test("expects nothing of a change without a receipt", () => {
    for (const outcome of ["valid", "refused"] as const) {
      expect(found(change(1, false), committed(1), unknown(1), verified(11, outcome))).toEqual([]);
    }
  });

  test("rejects what is refused although access was given by a receipt, or never taken", () => {
    expect(found(verified(11, "refused"))).toEqual(["stale refusal"]);
    expect(found(changed(1, false), changed(2, true), verified(11, "refused"))).toEqual(["stale refusal"]);
    expect(found(changed(1, false), change(2, true), committed(2), verified(11, "refused"))).toEqual([]);
  });

  test("takes no offence at an answer that there is none", () => {
    expect(found(changed(1, false), verified(11, "unavailable"), verified(12, "refused"))).toEqual([]);
  });

  test("rejects a receipt for what was never made", () => {
    expect(found(change(1, false), { type: "never made", id: 1 }, receipt(1))).toEqual(["receipt"]);
  });

  test("finds one bad answer among very many", () => {
    const events: Event[] = changed(1, false).concat(changed(2, true));
    for (let id = 10; id < 200_000; id++) events.push(...verified(id, "valid"));
    events.push(...changed(3, false), ...verified(5, "valid"));
    expect(found(events)).toEqual(["stale accept"]);
  });
});
