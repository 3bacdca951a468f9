import { nameKeyOf } from "../domain/custom-role.ts";
import type { AccountId } from "../domain/ids.ts";
import type { NamedTable } from "./schema.ts";

/** What roles and groups have in common. */
interface Named {
  readonly accountId: AccountId;
  readonly displayName: string;
  readonly description: string;
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export function toNamedRow(named: Named): NamedTable {
  return {
    account_id: named.accountId,
    display_name: named.displayName,
    name_key: nameKeyOf(named.displayName),
    description: named.description,
    version: named.version,
    created_at: named.createdAt,
    updated_at: named.updatedAt,
  };
}

export function toNamed(row: NamedTable): Named {
  return {
    accountId: row.account_id as AccountId, // It was one when it was written.
    displayName: row.display_name,
    description: row.description,
    version: row.version,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
