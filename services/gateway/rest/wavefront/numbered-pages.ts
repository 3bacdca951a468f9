import type { Window } from "./fields.ts";
import type { PageView } from "./views.ts";

/** What a service gives at once, at most. */
export const pageSizeMax = 500;

/** A list that a service pages by numbers. */
export type NumberedSource<Item> = (
  skip: number,
  pageSize: number,
) => Promise<{ readonly items: readonly Item[]; readonly total: number }>;

/** A part of several lists that stand one after the other, and how many there are in all of them. */
export async function readWindow<Item>(
  sources: readonly NumberedSource<Item>[],
  { offset, limit }: Window,
): Promise<{ readonly items: readonly Item[]; readonly total: number }> {
  const items: Item[] = [];
  let total = 0;
  for (const source of sources) {
    let skip = Math.max(0, offset - total);
    let sourceTotal = 0;
    let isAtEnd = false;
    do {
      const wanted = Math.min(pageSizeMax, limit - items.length);
      const page = await source(skip, Math.max(1, wanted));
      items.push(...page.items.slice(0, wanted));
      skip += page.items.length;
      sourceTotal = page.total;
      isAtEnd = page.items.length === 0 || skip >= sourceTotal;
    } while (!isAtEnd && items.length < limit);
    total += sourceTotal;
  }
  return { items, total };
}

export function pageOf<Item>(
  { offset, limit }: Window,
  items: readonly Item[],
  total: number,
): PageView<Item> {
  return { items, offset, limit, totalItems: total, moreItems: offset + items.length < total };
}

/** Everything of a list that a service pages by tokens. */
export async function readAll<Item>(
  fetch: (
    pageSize: number,
    pageToken: string,
  ) => Promise<{ readonly items: readonly Item[]; readonly nextPageToken: string }>,
  itemsMax = Number.POSITIVE_INFINITY,
): Promise<readonly Item[]> {
  const all: Item[] = [];
  let token = "";
  do {
    const page = await fetch(pageSizeMax, token);
    all.push(...page.items);
    token = page.nextPageToken;
  } while (token !== "" && all.length < itemsMax);
  return all;
}
