import type { Dependents } from "@portcullis/contracts/portcullis/common/v1/principal_pb.ts";
import type { RevocationReceipt } from "@portcullis/contracts/portcullis/common/v1/receipt_pb.ts";
import {
  type ServiceUser,
  ServiceUserStateSchema,
} from "@portcullis/contracts/portcullis/identity/v1/service_user_pb.ts";
import type { Field, View } from "../output/view.ts";
import { instant, word } from "../output/words.ts";
import { wouldStop } from "./dependents-view.ts";
import { inForceFields } from "./in-force-view.ts";

/** A service user, or nothing where an answer has none; and how it is in force that its access was taken away. */
export function serviceUserView(user: ServiceUser | undefined, receipt?: RevocationReceipt): View {
  return { kind: "fields", fields: [...fieldsOf(user), ...inForceFields(receipt)] };
}

/** A service user as it would be, and what would stop working. */
export function dryRunView(user: ServiceUser | undefined, dependents: readonly Dependents[]): View {
  return { kind: "fields", fields: [...fieldsOf(user), wouldStop(dependents)] };
}

/** Service users, one a row. */
export function serviceUsersView(users: readonly ServiceUser[]): View {
  return {
    kind: "table",
    columns: [
      { title: "ID" },
      { title: "NAME", cut: true },
      { title: "STATE" },
      { title: "CREATED" },
      { title: "DESCRIPTION", cut: true },
    ],
    rows: users.map((user) => [
      user.serviceUserId,
      user.name,
      word(ServiceUserStateSchema, user.state),
      instant(user.createTime),
      user.description,
    ]),
    empty: "No service users.",
  };
}

function fieldsOf(user: ServiceUser | undefined): readonly Field[] {
  if (user === undefined) return [];
  return [
    ["ID", user.serviceUserId],
    ["Name", user.name],
    ["Address", user.address],
    ["State", word(ServiceUserStateSchema, user.state)],
    ["Description", user.description],
    ["Account", user.accountId],
    ["Created", instant(user.createTime)],
    ["Changed", instant(user.updateTime)],
    ["Etag", user.etag],
  ];
}
