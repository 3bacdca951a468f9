import { AccountStateSchema } from "@portcullis/contracts/portcullis/common/v1/account_pb.ts";
import type { RevocationReceipt } from "@portcullis/contracts/portcullis/common/v1/receipt_pb.ts";
import type { Account } from "@portcullis/contracts/portcullis/identity/v1/account_pb.ts";
import type { Field, View } from "../output/view.ts";
import { instant, word } from "../output/words.ts";
import { inForceFields } from "./in-force-view.ts";

/** An account, or nothing where an answer has none; and how it is in force that access was taken away. */
export function accountView(account: Account | undefined, receipt?: RevocationReceipt): View {
  return { kind: "fields", fields: [...accountFields(account), ...inForceFields(receipt)] };
}

export function accountFields(account: Account | undefined): readonly Field[] {
  if (account === undefined) return [];
  return [
    ["ID", account.accountId],
    ["Name", account.displayName],
    ["State", word(AccountStateSchema, account.state)],
    ["Plan", account.planId],
    ["Second factor", account.mfaRequired ? "required" : "not required"],
    ["Created", instant(account.createTime)],
    ["Changed", instant(account.updateTime)],
    ["Etag", account.etag],
  ];
}

/** Accounts, one a row. */
export function accountsView(accounts: readonly Account[]): View {
  return {
    kind: "table",
    columns: [{ title: "ID" }, { title: "NAME", cut: true }, { title: "CREATED" }],
    rows: accounts.map((account) => [account.accountId, account.displayName, instant(account.createTime)]),
    empty: "No accounts.",
  };
}
