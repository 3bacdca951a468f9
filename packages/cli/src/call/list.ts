import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import type { CallOptions } from "@connectrpc/connect";
import type { ListOptions } from "../input/options.ts";
import type { View } from "../output/view.ts";
import { noteIfMore, readPages } from "./pages.ts";
import type { Session } from "./session.ts";

/** A list that a service gives in pages. */
interface Listing<Desc extends DescMessage, Item> {
  /** Of the answer. */
  readonly desc: Desc;
  readonly read: (
    page: { readonly pageSize: number; readonly pageToken: string },
    options: CallOptions,
  ) => Promise<MessageShape<Desc> & { nextPageToken: string }>;
  /** The answer's own list: what is put into it is in the answer. */
  readonly items: (response: MessageShape<Desc>) => Item[];
  readonly view: (items: readonly Item[]) => View;
}

/** Reads as much of a list as was asked for, and prints it as one answer, however many pages it had. */
export async function showList<Desc extends DescMessage, Item>(
  { printer, read }: Session,
  options: ListOptions,
  listing: Listing<Desc, Item>,
): Promise<void> {
  const pages: (MessageShape<Desc> & { nextPageToken: string })[] = [];
  const { nextPageToken } = await readPages(options, async (pageSize, pageToken) => {
    const page = await read((call) => listing.read({ pageSize, pageToken }, call));
    pages.push(page);
    return { items: [...listing.items(page)], nextPageToken: page.nextPageToken };
  });
  const [whole, ...rest] = pages;
  if (whole === undefined) throw new Error("a list was read without a page");
  for (const page of rest) listing.items(whole).push(...listing.items(page));
  whole.nextPageToken = nextPageToken;
  printer.answer<Desc>(listing.desc, whole, () => listing.view(listing.items(whole)));
  noteIfMore(printer, nextPageToken);
}
