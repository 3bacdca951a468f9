import { encodePageToken } from "./page-token.ts";

export interface KeysetPage<T> {
  readonly items: readonly T[];
  /** Empty on the last page. */
  readonly nextToken: string;
}

/**
 * Makes a page of rows that were read with a limit of `size + 1`: the one too many only tells that there is a
 * next page. `positionOf` gives what the next page's query continues after; `listName` binds the token to the
 * list and its filter.
 */
export function toKeysetPage<Row, T>(
  rows: readonly Row[],
  size: number,
  listName: string,
  toItem: (row: Row) => T,
  positionOf: (item: T) => string,
): KeysetPage<T> {
  const items = rows.slice(0, size).map(toItem);
  const last = items.at(-1);
  const isLastPage = rows.length <= size || last === undefined;
  return { items, nextToken: isLastPage ? "" : encodePageToken(positionOf(last), listName) };
}
