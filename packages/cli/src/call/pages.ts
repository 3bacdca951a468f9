import { CliError } from "../errors.ts";
import type { ListOptions } from "../input/options.ts";
import type { Printer } from "../output/printer.ts";

const pageSizeMax = 500;
const limitDefault = 50;

/** Several pages as one. */
export interface Pages<Item> {
  readonly items: Item[];
  /** Where the list goes on; empty where it ends. */
  readonly nextPageToken: string;
}

/** Reads pages until the list ends or holds as many as were asked for. */
export async function readPages<Item>(
  options: ListOptions,
  readPage: (pageSize: number, pageToken: string) => Promise<Pages<Item>>,
): Promise<Pages<Item>> {
  const limit = options.all ? Number.POSITIVE_INFINITY : (options.limit ?? limitDefault);
  const items: Item[] = [];
  let nextPageToken = "";
  do {
    const page = await readPage(Math.min(pageSizeMax, limit - items.length), nextPageToken);
    if (page.nextPageToken !== "" && page.nextPageToken === nextPageToken) {
      throw new CliError("internal", "The service gives the same page again and again.");
    }
    items.push(...page.items);
    nextPageToken = page.nextPageToken;
  } while (nextPageToken !== "" && items.length < limit);
  return { items, nextPageToken };
}

/** Says that the list goes on, if it does. */
export function noteIfMore(printer: Printer, nextPageToken: string): void {
  if (nextPageToken !== "") printer.note("There are more: --all shows them, --limit so many.");
}
