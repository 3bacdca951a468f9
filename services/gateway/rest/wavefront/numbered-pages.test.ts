import * as fc from "fast-check";
import { expect, test } from "vitest";
import { type NumberedSource, pageOf, readAll, readWindow } from "./numbered-pages.ts";

/** A list as a service has it, which gives no more at once than it likes. */
function sourceOf(items: readonly number[], atOnce: number): NumberedSource<number> {
  return async (skip, pageSize) => ({
    items: items.slice(skip, skip + Math.min(pageSize, atOnce)),
    total: items.length,
  });
}

const lists = fc.array(fc.array(fc.integer(), { maxLength: 12 }), { maxLength: 4 });
const size = fc.integer({ min: 1, max: 9 });

test("a window of several lists is what it would be of one long list", async () => {
  await fc.assert(
    fc.asyncProperty(lists, fc.nat(60), size, size, async (all, offset, limit, atOnce) => {
      const whole = all.flat();
      const window = { offset, limit };
      const read = await readWindow(
        all.map((items) => sourceOf(items, atOnce)),
        window,
      );
      expect(read).toEqual({ items: whole.slice(offset, offset + limit), total: whole.length });
      const { moreItems } = pageOf(window, read.items, read.total);
      expect(moreItems).toBe(offset + read.items.length < whole.length);
    }),
  );
});

test("all of a list that is paged by tokens is read, or as much as is wanted", async () => {
  const pages = new Map([
    ["", { items: [1, 2], nextPageToken: "a" }],
    ["a", { items: [], nextPageToken: "b" }],
    ["b", { items: [3], nextPageToken: "" }],
  ]);
  const fetch = async (_: number, token: string) => pages.get(token) ?? expect.fail("no such page");
  expect(await readAll(fetch)).toEqual([1, 2, 3]);
  expect(await readAll(fetch, 2)).toEqual([1, 2]);
});
