import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Arrival } from "./channel.ts";
import { type Acknowledgement, encodePush, type Push } from "./push.ts";
import { PushIntake } from "./push-intake.ts";
import { scopeOf } from "./scope.ts";

const key = new Uint8Array(32).fill(1);
const otherKey = new Uint8Array(32).fill(2);
const scope = scopeOf("thing", "a");

function intakeFrom(position: number, options: { isHeld?: boolean } = {}) {
  const arrivals: Arrival[] = [];
  const acks: (Acknowledgement & { writer: string; arrivalsBefore: number })[] = [];
  const state = { isHeld: options.isHeld ?? false };
  const intake = new PushIntake({
    deliver: (arrival) => arrivals.push(arrival),
    acknowledge: (writer, ack) => acks.push({ ...ack, writer, arrivalsBefore: arrivals.length }),
    isHeld: () => state.isHeld,
  });
  const following = { generation: "g", position, replica: "r", incarnation: "i", key };
  intake.follow(following);
  const push = (at: number, over: Partial<Push> = {}, with_ = key) =>
    intake.onText(
      encodePush({ generation: "g", position: at, writer: "w", scopes: [scope], ...over }, with_),
    );
  return { intake, arrivals, acks, state, following, push };
}

describe("an intake", () => {
  test("delivers what follows, then acknowledges it", () => {
    const { arrivals, acks, push } = intakeFrom(4);
    push(5);
    expect(arrivals).toEqual([{ kind: "entry", generation: "g", entry: { position: 5, scopes: [scope] } }]);
    expect(acks).toMatchObject([
      { position: 5, replica: "r", incarnation: "i", writer: "w", arrivalsBefore: 1 },
    ]);
  });

  test("tells of a gap and acknowledges what is behind it only after the replica has caught up", () => {
    const { intake, arrivals, acks, push, following } = intakeFrom(4);
    push(6);
    expect(arrivals).toEqual([{ kind: "gap" }]);
    expect(acks).toEqual([]);
    intake.follow({ ...following, position: 6 });
    expect(acks).toMatchObject([{ position: 6 }]);
  });

  test("acknowledges once more what it has, without delivering it", () => {
    const { arrivals, acks, push } = intakeFrom(4);
    push(3);
    push(4);
    expect(arrivals).toEqual([]);
    expect(acks.map(({ position }) => position)).toEqual([3, 4]);
  });

  test("takes a mere question beyond what it has for a gap", () => {
    const { arrivals, acks, push } = intakeFrom(4);
    push(5, { scopes: undefined });
    expect(arrivals).toEqual([{ kind: "gap" }]);
    expect(acks).toEqual([]);
  });

  test("ignores what is forged, cut off, or of a log whose key it does not know", () => {
    const { intake, arrivals, acks, push } = intakeFrom(4);
    push(5, {}, otherKey);
    const text = encodePush({ generation: "g", position: 5, writer: "w", scopes: [scope] }, key);
    for (const bad of [
      text.replace('"g",5', '"g",4'),
      text.slice(0, -1),
      text.slice(1),
      "",
      ".",
      "null.[]",
      `${text} `,
    ]) {
      intake.onText(bad);
    }
    expect(arrivals).toEqual([]);
    expect(acks).toEqual([]);
  });

  test("takes a push of another generation for a gap and never acknowledges it", () => {
    const { intake, arrivals, acks, push, following } = intakeFrom(4);
    push(5, { generation: "h" });
    expect(arrivals).toEqual([{ kind: "gap" }]);
    intake.follow({ ...following, position: 9 });
    expect(acks).toEqual([]);
  });

  test("that follows nothing says nothing, and starts at its new place even if that is before the old one", () => {
    const { intake, arrivals, acks, push, following } = intakeFrom(4);
    intake.unfollow();
    push(5);
    expect([arrivals, acks]).toEqual([[], []]);
    intake.follow({ ...following, incarnation: "j", position: 2 });
    push(4);
    push(3);
    expect(arrivals.map(({ kind }) => kind)).toEqual(["gap", "entry"]);
    expect(acks).toMatchObject([{ position: 3, incarnation: "j" }]);
  });

  test("that is held acknowledges what the replica has, no more, also to who asks later", () => {
    const { intake, arrivals, acks, push } = intakeFrom(4, { isHeld: true });
    push(5);
    push(6);
    expect(arrivals).toHaveLength(2);
    intake.acknowledge(5, new Map([[5, 3]]));
    expect(acks).toMatchObject([{ position: 5, sessionsClosed: 3 }]);
    push(5, { writer: "v" });
    expect(acks).toMatchObject([{ position: 5 }, { position: 5, writer: "v", sessionsClosed: 3 }]);
    push(6, { writer: "v" });
    expect(acks).toHaveLength(2);
  });

  test("never vouches for what it has not delivered, however pushes are lost, repeated and reordered", () => {
    const kinds = fc.constantFrom("push", "follow", "restart", "held", "free", "acknowledge");
    const steps = fc.array(fc.tuple(kinds, fc.nat(12)), { maxLength: 80 });
    fc.assert(
      fc.property(steps, (events) => {
        const { intake, arrivals, acks, state, following, push } = intakeFrom(0);
        let incarnation = 0;
        /** What the replica has by its syncs; and what it has said while held. */
        let synced = 0;
        let settled = -1;
        for (const [kind, position] of events) {
          const acksBefore = acks.length;
          if (kind === "push") push(position);
          if (kind === "held") state.isHeld = true;
          if (kind === "free") state.isHeld = false;
          if (kind === "follow" || kind === "restart") {
            if (kind === "restart") {
              incarnation++;
              settled = -1;
              intake.unfollow();
              arrivals.length = 0;
              synced = position;
            }
            synced = Math.max(synced, position);
            intake.follow({ ...following, incarnation: `${incarnation}`, position: synced });
          }
          let has = synced;
          for (const arrival of arrivals) {
            if (arrival.kind === "entry" && arrival.entry.position <= has + 1)
              has = Math.max(has, arrival.entry.position);
          }
          if (kind === "acknowledge") {
            settled = Math.max(settled, Math.min(position, has));
            intake.acknowledge(Math.min(position, has), new Map());
          }
          for (const ack of acks.slice(acksBefore)) {
            expect(ack.position).toBeLessThanOrEqual(state.isHeld ? settled : has);
          }
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
