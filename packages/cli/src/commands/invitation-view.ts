import {
  type Invitation,
  type InvitationOutcome,
  InvitationResultSchema,
  InvitationStateSchema,
} from "@portcullis/contracts/portcullis/identity/v1/invitation_pb.ts";
import type { View } from "../output/view.ts";
import { instant, word } from "../output/words.ts";

/** An invitation, or nothing where an answer has none. */
export function invitationView(invitation: Invitation | undefined): View {
  if (invitation === undefined) return { kind: "fields", fields: [] };
  return {
    kind: "fields",
    fields: [
      ["ID", invitation.invitationId],
      ["E-mail", invitation.email],
      ["State", word(InvitationStateSchema, invitation.state)],
      ["Gives", invitation.grants.join(", ")],
      ["Account", invitation.accountId],
      ["Created", instant(invitation.createTime)],
      ["Expires", instant(invitation.expireTime)],
    ],
  };
}

/** Invitations, one a row. */
export function invitationsView(invitations: readonly Invitation[]): View {
  return {
    kind: "table",
    columns: [
      { title: "ID" },
      { title: "E-MAIL", cut: true },
      { title: "STATE" },
      { title: "EXPIRES" },
      { title: "GIVES", cut: true },
    ],
    rows: invitations.map((invitation) => [
      invitation.invitationId,
      invitation.email,
      word(InvitationStateSchema, invitation.state),
      instant(invitation.expireTime),
      invitation.grants.join(", "),
    ]),
    empty: "No invitations.",
  };
}

/** What came of each address. */
export function outcomesView(outcomes: readonly InvitationOutcome[]): View {
  return {
    kind: "table",
    columns: [{ title: "E-MAIL", cut: true }, { title: "RESULT" }, { title: "INVITATION" }],
    rows: outcomes.map(({ email, result, invitationId }) => [
      email,
      word(InvitationResultSchema, result),
      invitationId,
    ]),
    empty: "Nobody was invited.",
  };
}
