import type { Event, Subject, Violation } from "./history.ts";

/** Of one subject, the greatest orders so far. 0 is how it was at the beginning: with access. */
interface Marks {
  takenByReceipt: number;
  givenByReceipt: number;
  takeStarted: number;
  giveStarted: number;
}

interface Open {
  readonly subjects: readonly Subject[];
  /** For each subject, what verifications that start now may rely on. */
  readonly since: readonly { readonly taken: number; readonly given: number }[];
  readonly by: string;
  readonly atMs: number;
}

/**
 * The promise (revocation.md), in one pass: no verification that started after the receipt of a change that takes
 * access away is valid, unless a later change that gives it has started by the verification's answer. And the other
 * way round: none is refused that started after the receipt of a change that gives it, unless a later one that takes
 * it has started. What was later is told by the order of the commits.
 */
export function checkSafety(events: readonly Event[]): readonly Violation[] {
  const orders = ordersOf(events);
  const changes = new Map<number, { subject: Subject; gives: boolean; order: number }>();
  const marks = new Map<Subject, Marks>();
  const open = new Map<number, Open>();
  const violations: Violation[] = [];
  const marksOf = (subject: Subject) => {
    const known = marks.get(subject) ?? {
      takenByReceipt: -1,
      givenByReceipt: 0,
      takeStarted: -1,
      giveStarted: 0,
    };
    marks.set(subject, known);
    return known;
  };
  for (const event of events) {
    switch (event.type) {
      case "change": {
        const order = orders.get(event.id) ?? Number.POSITIVE_INFINITY;
        if (order === "never made") break;
        const { subject, gives } = event;
        changes.set(event.id, { subject, gives, order });
        const of = marksOf(subject);
        if (gives) of.giveStarted = Math.max(of.giveStarted, order);
        else of.takeStarted = Math.max(of.takeStarted, order);
        break;
      }
      case "receipt": {
        const change = changes.get(event.id);
        if (change === undefined) {
          violations.push({
            check: "receipt",
            detail: `change ${event.id} was never made, and has a receipt`,
          });
          break;
        }
        // Where it stands among the others is not known.
        if (change.order === Number.POSITIVE_INFINITY) break;
        const of = marksOf(change.subject);
        if (change.gives) of.givenByReceipt = Math.max(of.givenByReceipt, change.order);
        else of.takenByReceipt = Math.max(of.takenByReceipt, change.order);
        break;
      }
      case "verification":
        open.set(event.id, {
          ...event,
          since: event.subjects.map((subject) => {
            const { takenByReceipt, givenByReceipt } = marksOf(subject);
            return { taken: takenByReceipt, given: givenByReceipt };
          }),
        });
        break;
      case "answer": {
        const asked = open.get(event.id);
        open.delete(event.id);
        if (asked === undefined) break;
        const text = `${asked.by} (${event.source}), verification ${event.id} of ${asked.subjects.join(" ")}, ${asked.atMs} to ${event.atMs} ms`;
        if (event.outcome === "valid") {
          for (const [index, subject] of asked.subjects.entries()) {
            const taken = asked.since[index]?.taken ?? -1;
            if (taken > marksOf(subject).giveStarted) {
              violations.push({
                check: "stale accept",
                detail: `${text}: ${subject} was taken away at ${taken}`,
              });
            }
          }
        } else if (event.outcome === "refused") {
          const isSurelyGiven = asked.subjects.every(
            (subject, index) => (asked.since[index]?.given ?? -1) > marksOf(subject).takeStarted,
          );
          if (isSurelyGiven) violations.push({ check: "stale refusal", detail: text });
        }
        break;
      }
      case "committed":
      case "never made":
      case "unknown":
        break;
    }
  }
  return violations;
}

function ordersOf(events: readonly Event[]): ReadonlyMap<number, number | "never made"> {
  const orders = new Map<number, number | "never made">();
  for (const event of events) {
    if (event.type === "committed") orders.set(event.id, event.order);
    if (event.type === "never made") orders.set(event.id, "never made");
  }
  return orders;
}
