import type { Fields } from "./filter/values.ts";
import type { ListQuery } from "./list-query.ts";
import type { NgrokCall } from "./operation.ts";

/** What is asked of a service at once where a filter may drop most of it, and how much for one page. */
const scanPageSize = 500;
const scannedMax = 5_000;

/** Where a list comes from: a service's list, newest first, and how its items are shown. */
export interface ListSource<Item, View extends Fields & { readonly id: string }> {
  /** The route of the list. */
  readonly path: string;
  fetch(pageSize: number, pageToken: string): Promise<{ items: readonly Item[]; nextPageToken: string }>;
  /** Undefined for what this API does not show. */
  toView(item: Item): View | undefined;
  /** The public id of any item, shown or not. */
  idOf(item: Item): string;
}

/**
 * One page, newest first, of the items that match. Looks for one more than is wanted, so that a next page is
 * announced exactly when it has something; unless so much had to be looked through that the rest must wait for
 * the next request.
 */
export async function listPage<Item, View extends Fields & { readonly id: string }>(
  { publicOrigin, now }: NgrokCall,
  { limit, filter, filterText }: ListQuery,
  { path, fetch, toView, idOf }: ListSource<Item, View>,
): Promise<{ items: readonly View[]; uri: string; next_page_uri: string | null }> {
  const nowMs = now().getTime();
  const found: View[] = [];
  let scanned = 0;
  let token = "";
  let lastScanned: string | undefined;
  do {
    const page = await fetch(filter === undefined ? limit + 1 : scanPageSize, token);
    for (const item of page.items) {
      const view = toView(item);
      if (view !== undefined && (filter === undefined || filter(view, nowMs))) found.push(view);
      if (found.length > limit) break;
    }
    scanned += page.items.length;
    const last = page.items.at(-1);
    if (last !== undefined) lastScanned = idOf(last);
    token = page.nextPageToken;
  } while (found.length <= limit && token !== "" && scanned < scannedMax);
  const items = found.slice(0, limit);
  const after = found.length > limit ? items.at(-1)?.id : token === "" ? undefined : lastScanned;
  return {
    items,
    uri: `${publicOrigin}${path}`,
    next_page_uri: after === undefined ? null : nextUri(publicOrigin, path, after, limit, filterText),
  };
}

function nextUri(origin: string, path: string, beforeId: string, limit: number, filter: string): string {
  const query = new URLSearchParams({ before_id: beforeId, limit: String(limit) });
  if (filter !== "") query.set("filter", filter);
  return `${origin}${path}?${query.toString()}`;
}
