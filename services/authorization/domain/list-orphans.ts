import type { AccountId } from "./ids.ts";
import type { ObjectKey } from "./object-access.ts";
import type { ObjectStore } from "./object-ports.ts";
import type { Page, PageOf } from "./page.ts";

/** The objects that are open to nobody, by type and id; of one type, or of all if it is empty. */
export function listOrphans(
  deps: { readonly objects: ObjectStore },
  accountId: AccountId,
  objectType: string,
  page: Page,
  signal: AbortSignal,
): Promise<PageOf<ObjectKey>> {
  return deps.objects.listOrphans(accountId, objectType, page, signal);
}
