import type { Event, Subject, Violation } from "./history.ts";
import { checkLinearizability, type Operation } from "./linearizability.ts";

/** As much as is looked at of one history, in events. */
const eventsMax = 3_000;

/**
 * Whether every verification is true of one instant between its start and its answer, and every change happens at one
 * between its start and its commit; for each owner, with the tokens that are theirs. (Mode `linearizable`)
 */
export function checkLinearizableHistory(
  all: readonly Event[],
  ownerOf: (token: Subject) => Subject | undefined,
): readonly Violation[] {
  const events = all.slice(0, eventsMax);
  const commits = new Map<number, number>();
  const answers = new Map<number, { readonly at: number; readonly isValid: boolean }>();
  for (const [at, event] of all.entries()) {
    if (event.type === "committed") commits.set(event.id, at);
  }
  for (const [at, event] of events.entries()) {
    if (event.type === "answer" && event.outcome !== "unavailable") {
      answers.set(event.id, { at, isValid: event.outcome === "valid" });
    }
  }
  const byOwner = new Map<Subject, Operation<string>[]>();
  for (const [called, event] of events.entries()) {
    if (event.type === "change") {
      const answered = commits.get(event.id);
      if (answered === undefined) continue;
      const { subject, gives } = event;
      add(byOwner, ownerOf(subject) ?? subject, {
        called,
        answered,
        apply: (state) => set(state, subject, gives),
        isRead: false,
      });
    } else if (event.type === "verification") {
      const answer = answers.get(event.id);
      const owner = event.subjects.map(ownerOf).find((found) => found !== undefined);
      if (answer === undefined || owner === undefined) continue;
      const { subjects } = event;
      add(byOwner, owner, {
        called,
        answered: answer.at,
        apply: (state) =>
          subjects.every((subject) => !taken(state).includes(subject)) === answer.isValid ? state : undefined,
        isRead: true,
      });
    }
  }
  return [...byOwner]
    .filter(([, operations]) => checkLinearizability(operations, "") === "not linearizable")
    .map(([owner]) => ({ check: "linearizability", detail: `of ${owner} and what is theirs` }));
}

function add<Key, Value>(to: Map<Key, Value[]>, key: Key, value: Value): void {
  const values = to.get(key) ?? [];
  values.push(value);
  to.set(key, values);
}

/** The state: who has no access. */
const taken = (state: string) => (state === "" ? [] : state.split(" "));

function set(state: string, subject: Subject, gives: boolean): string {
  const others = taken(state).filter((other) => other !== subject);
  return (gives ? others : [...others, subject]).toSorted().join(" ");
}
