import { decodePageToken, encodePageToken } from "@portcullis/postgres";
import type { Page, PageOf } from "../domain/page.ts";

/** Where a page begins: after this position; undefined for the first. PAGE_TOKEN_INVALID. */
export function positionOf(page: Page, filter: readonly unknown[]): string | undefined {
  if (page.token === "") return undefined;
  // A token can be forged, and Postgres takes no NUL in a text.
  return decodePageToken(page.token, JSON.stringify(filter)).replaceAll("\0", "");
}

/** A page out of up to `size + 1` rows. */
export function pageOf<Row, Item>(
  rows: readonly Row[],
  page: Page,
  filter: readonly unknown[],
  position: (row: Row) => string,
  toItem: (row: Row) => Item,
): PageOf<Item> {
  const kept = rows.slice(0, page.size);
  const last = kept.at(-1);
  const isLastPage = rows.length <= page.size || last === undefined;
  return {
    items: kept.map(toItem),
    nextToken: isLastPage ? "" : encodePageToken(position(last), JSON.stringify(filter)),
  };
}
