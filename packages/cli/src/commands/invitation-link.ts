import {
  AcceptInvitationResponseSchema,
  PreviewInvitationResponseSchema,
} from "@portcullis/contracts/portcullis/identity/v1/invitation_pb.ts";
import type { Command } from "commander";
import type { Session } from "../call/session.ts";
import { withExamples } from "../input/example.ts";
import { type ChangeOptions, withChangeOptions } from "../input/options.ts";
import { readSecret } from "../input/standard-input.ts";
import { instant } from "../output/words.ts";
import type { Runner } from "../runner.ts";

const what = "token of the invitation's link";

/** Adds `preview` and `accept`, for who has the link. */
export function addInvitationLinks(command: Command, runner: Runner): void {
  withExamples(command.command("preview"), "portcullis invitation preview < link-token.txt")
    .description("tell what a link is about; its token comes on standard input; needs no API key")
    .action(runner.withOpenSession(preview));
  withExamples(withChangeOptions(command.command("accept")), "portcullis invitation accept < link-token.txt")
    .description("join with the caller's own API key or session; the link's token comes on standard input")
    .action(runner.withSession(accept));
}

async function preview({ clients, printer, read, terminal }: Session): Promise<void> {
  const token = await readSecret(terminal, what);
  const response = await read((call) => clients.invitations.previewInvitation({ token }, call));
  printer.answer(PreviewInvitationResponseSchema, response, (invitation) => ({
    kind: "fields",
    fields: [
      ["Account", invitation.accountDisplayName],
      ["For", invitation.email],
      ["Expires", instant(invitation.expireTime)],
    ],
  }));
}

async function accept(session: Session, options: ChangeOptions): Promise<void> {
  const { clients, printer, terminal } = session;
  const token = await readSecret(terminal, what);
  const response = await session.change(options, (requestId, call) =>
    clients.invitations.acceptInvitation({ token, requestId }, call),
  );
  printer.answer(AcceptInvitationResponseSchema, response, ({ accountId, principalId }) => ({
    kind: "fields",
    fields: [
      ["Account", accountId],
      ["ID", principalId],
    ],
  }));
  printer.note("Go there with `portcullis me switch-account`.");
}
