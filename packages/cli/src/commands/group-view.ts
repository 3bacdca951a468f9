import type { Group } from "@portcullis/contracts/portcullis/authorization/v1/group_pb.ts";
import type { RevocationReceipt } from "@portcullis/contracts/portcullis/common/v1/receipt_pb.ts";
import type { View } from "../output/view.ts";
import { instant } from "../output/words.ts";
import { inForceFields } from "./in-force-view.ts";

/** A group, or nothing where an answer has none; and how it is in force that access was taken away. */
export function groupView(group: Group | undefined, receipt?: RevocationReceipt): View {
  if (group === undefined) return { kind: "fields", fields: [] };
  return {
    kind: "fields",
    fields: [
      ["ID", group.groupId],
      ["Name", group.displayName],
      ["Description", group.description],
      ["Members", membersOf(group)],
      ["Roles", group.roleIds.join(", ")],
      ["Account", group.accountId],
      ["Created", instant(group.createTime)],
      ["Changed", instant(group.updateTime)],
      ["Etag", group.etag],
      ...inForceFields(receipt),
    ],
  };
}

/** Groups, one a row. */
export function groupsView(groups: readonly Group[]): View {
  return {
    kind: "table",
    columns: [
      { title: "ID" },
      { title: "NAME", cut: true },
      { title: "MEMBERS" },
      { title: "ROLES", cut: true },
      { title: "DESCRIPTION", cut: true },
    ],
    rows: groups.map((group) => [
      group.groupId,
      group.displayName,
      membersOf(group),
      group.roleIds.join(", "),
      group.description,
    ]),
    empty: "No groups.",
  };
}

/** Everyone is not counted. */
function membersOf({ everyone, memberCount }: Group): string {
  return everyone ? "all" : String(memberCount);
}
