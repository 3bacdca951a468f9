import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CoherentCache } from "./coherent-cache.ts";
import { everything, scopeOf } from "./scope.ts";
import { ScopeTable } from "./scope-table.ts";

const scopes = ["a", "b", "c", "d"].map((id) => scopeOf("thing", id));
const kinds = new Set(["thing"]);

function cacheOf(table: ScopeTable, entriesMax = 100) {
  return new CoherentCache<number, number>({ table, entriesMax, bytesMax: 1_000, sizeOf: () => 10 });
}

type Step =
  | { readonly kind: "write"; readonly touched: number; readonly count: number }
  | { readonly kind: "fill"; readonly key: number; readonly lag: number }
  | { readonly kind: "apply"; readonly count: number; readonly again: number }
  | { readonly kind: "reset"; readonly to: number }
  | { readonly kind: "restore" | "close" };

/** What happens to a cache. Reads are answered later than they were made: `lag` entries ago. */
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant("write" as const), touched: fc.nat(5), count: fc.nat(2) }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant("fill" as const), key: fc.nat(5), lag: fc.nat(6) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant("apply" as const), count: fc.nat(3), again: fc.nat(3) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("reset" as const), to: fc.nat(4) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom("restore" as const, "close" as const) }) },
);

describe("remembered values", () => {
  test("are never older than an applied entry for one of their scopes, whatever comes in which order", () => {
    const run = (steps: readonly Step[], recentMax: number) => {
      const table = new ScopeTable(kinds, recentMax);
      const cache = cacheOf(table, 4);
      let generation = 1;
      /** Which scopes each entry touches; 4 is everything, 5 a kind that is not known here. */
      let log: number[] = [];
      let applied = 0;
      let isOpen = true;
      const nameOf = () => `generation ${generation}`;
      const entryAt = (position: number) => {
        const touched = log[position - 1] ?? 0;
        const scope = touched === 4 ? everything : (scopes[touched] ?? scopeOf("newer", "x"));
        return { position, scopes: [scope] };
      };
      const isTouched = (key: number, from: number, to: number) =>
        log
          .slice(from, to)
          .some((touched) => touched >= 4 || touched === key % 4 || touched === (key + 1) % 4);
      table.reset({ generation: nameOf(), position: 0 });
      for (const event of steps) {
        switch (event.kind) {
          case "write":
            for (let count = 0; count <= event.count; count++) log.push((event.touched + count) % 6);
            break;
          case "fill": {
            const at = Math.max(0, log.length - event.lag);
            const of = [scopes[event.key % 4], scopes[(event.key + 1) % 4]].filter(
              (scope) => scope !== undefined,
            );
            cache.fill(event.key, generation * 1_000 + at, of, { generation: nameOf(), position: at });
            break;
          }
          case "apply":
            for (let count = 0; count < event.count && applied < log.length; count++)
              table.touch(entryAt(++applied));
            // Once more, from anywhere before.
            for (let position = Math.max(1, applied - event.again); position <= applied; position++) {
              table.touch(entryAt(position));
            }
            break;
          case "reset":
            isOpen = true;
            applied = Math.max(applied, log.length - event.to);
            table.reset({ generation: nameOf(), position: applied });
            break;
          case "restore":
            generation++;
            log = log.slice(0, Math.floor(log.length / 2));
            applied = log.length;
            isOpen = true;
            table.reset({ generation: nameOf(), position: applied });
            break;
          case "close":
            table.close();
            isOpen = false;
            break;
        }
        for (let key = 0; key <= 5; key++) {
          const value = cache.get(key);
          if (value === undefined) continue;
          expect(isOpen).toBe(true);
          expect(Math.floor(value / 1_000)).toBe(generation);
          expect(isTouched(key, value % 1_000, applied)).toBe(false);
        }
        expect(cache.stats().entries).toBeLessThanOrEqual(4);
        expect(cache.stats().bytes).toBe(cache.stats().entries * 10);
      }
    };
    fc.assert(fc.property(fc.array(step, { maxLength: 60 }), fc.constantFrom(1, 3, 1_000), run), {
      numRuns: 2_000,
    });
  });

  test("of an earlier generation do not keep later ones from being remembered", () => {
    const table = new ScopeTable(kinds);
    const cache = cacheOf(table);
    const [scope] = scopes;
    if (scope === undefined) throw new Error("there is a scope");
    table.reset({ generation: "1", position: 90 });
    cache.fill(1, 1, [scope], { generation: "1", position: 90 });
    table.touch({ position: 91, scopes: [scope] });
    table.reset({ generation: "2", position: 10 });
    cache.fill(2, 2, [scope], { generation: "2", position: 10 });
    expect(cache.get(2)).toBe(2);
    expect(cache.get(1)).toBeUndefined();
    table.touch({ position: 11, scopes: [scope] });
    expect(cache.get(2)).toBeUndefined();
  });

  test("are not replaced by a slower read", () => {
    const table = new ScopeTable(kinds);
    const cache = cacheOf(table);
    table.reset({ generation: "1", position: 0 });
    expect(cache.fill(1, 5, scopes, { generation: "1", position: 5 })).toBe(true);
    expect(cache.fill(1, 4, scopes, { generation: "1", position: 4 })).toBe(false);
    expect(cache.get(1)).toBe(5);
  });

  test("that are asked for stay when room is needed, and none is larger than all the room", () => {
    const table = new ScopeTable(kinds);
    const cache = cacheOf(table, 2);
    table.reset({ generation: "1", position: 0 });
    const at = { generation: "1", position: 0 };
    for (const key of [1, 2]) cache.fill(key, key, scopes, at);
    cache.get(1);
    cache.fill(3, 3, scopes, at);
    expect([1, 2, 3].map((key) => cache.get(key))).toEqual([1, undefined, 3]);
    const small = new CoherentCache<number, number>({ table, entriesMax: 9, bytesMax: 9, sizeOf: () => 10 });
    expect(small.fill(1, 1, scopes, at)).toBe(false);
  });
});
