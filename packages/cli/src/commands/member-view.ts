import type { RevocationReceipt } from "@portcullis/contracts/portcullis/common/v1/receipt_pb.ts";
import {
  type Membership,
  MembershipStateSchema,
} from "@portcullis/contracts/portcullis/identity/v1/membership_pb.ts";
import type { View } from "../output/view.ts";
import { instant, word } from "../output/words.ts";
import { inForceFields } from "./in-force-view.ts";

/** A member, or nothing where an answer has none; and how it is in force that access was taken away. */
export function memberView(member: Membership | undefined, receipt?: RevocationReceipt): View {
  if (member === undefined) return { kind: "fields", fields: [] };
  return {
    kind: "fields",
    fields: [
      ["ID", member.principalId],
      ["E-mail", member.email],
      ["Name", member.displayName],
      ["State", word(MembershipStateSchema, member.state)],
      ["Second factor", member.totpEnabled ? "yes" : "no"],
      ["Person", member.userId],
      ["Account", member.accountId],
      ["Joined", instant(member.createTime)],
      ["Changed", instant(member.updateTime)],
      ["Etag", member.etag],
      ...inForceFields(receipt),
    ],
  };
}

/** Members, one a row. */
export function membersView(members: readonly Membership[]): View {
  return {
    kind: "table",
    columns: [
      { title: "ID" },
      { title: "E-MAIL", cut: true },
      { title: "NAME", cut: true },
      { title: "STATE" },
      { title: "JOINED" },
    ],
    rows: members.map((member) => [
      member.principalId,
      member.email,
      member.displayName,
      word(MembershipStateSchema, member.state),
      instant(member.createTime),
    ]),
    empty: "No members.",
  };
}
