import type { Facts, FactsQuestion } from "./decide.ts";
import type { AccountId } from "./ids.ts";
import type {
  AccessEntry,
  LockedObject,
  NewObject,
  ObjectAccess,
  ObjectAction,
  ObjectKey,
  ObjectSet,
} from "./object-access.ts";
import type { Page, PageOf } from "./page.ts";

export interface ObjectTx {
  /** Whether it is built in, or registered and not retired. */
  isTypeKnown(objectType: string): Promise<boolean>;
  /** Adds those that are unknown, open to whom their entries say, and returns how many there were. */
  add(accountId: AccountId, objectType: string, objects: readonly NewObject[], at: Date): Promise<number>;
  /** With their entries; how many there were. */
  remove(accountId: AccountId, objectType: string, objectIds: readonly string[]): Promise<number>;
  /** Those that exist; others wait with changing them until the transaction ends. */
  lock(
    accountId: AccountId,
    objectType: string,
    objectIds: readonly string[],
  ): Promise<readonly LockedObject[]>;
  /** Of locked ones. What is open to modify stays so. Whether anything changed. */
  share(objects: ObjectSet, holderIds: readonly string[], action: ObjectAction): Promise<boolean>;
  /** Of locked ones. Whether anything changed. */
  unshare(objects: ObjectSet, holderIds: readonly string[], action: ObjectAction): Promise<boolean>;
  /** Of a locked one. */
  replace(object: ObjectKey, entries: readonly AccessEntry[]): Promise<void>;
  /** What decides the questions, in their order, as seen by the transaction. Undefined of unknown subjects. */
  facts(questions: readonly FactsQuestion[]): Promise<readonly (Facts | undefined)[]>;
}

export interface ObjectStore {
  find(object: ObjectKey, signal: AbortSignal): Promise<ObjectAccess | undefined>;
  /** By type and id, of one type if it is given. PAGE_TOKEN_INVALID for another list's token. */
  listOrphans(
    accountId: AccountId,
    objectType: string,
    page: Page,
    signal: AbortSignal,
  ): Promise<PageOf<ObjectKey>>;
}
