import {
  CreateInvitationsResponseSchema,
  InvitationResult,
  ListInvitationsResponseSchema,
  ResendInvitationResponseSchema,
  RevokeInvitationResponseSchema,
  UpdateInvitationResponseSchema,
} from "@portcullis/contracts/portcullis/identity/v1/invitation_pb.ts";
import { Command } from "commander";
import { showList } from "../call/list.ts";
import type { Session } from "../call/session.ts";
import { withExamples } from "../input/example.ts";
import {
  type ChangeOptions,
  type ListOptions,
  withChangeOptions,
  withListOptions,
} from "../input/options.ts";
import type { Runner } from "../runner.ts";
import { type GrantOptions, grantsOf, withGrantOptions } from "./invitation-grants.ts";
import { addInvitationLinks } from "./invitation-link.ts";
import { invitationsView, invitationView, outcomesView } from "./invitation-view.ts";

/** `portcullis invitation …` */
export function invitationCommand(runner: Runner): Command {
  const command = new Command("invitation").description("invitations to the account, by mail");
  withExamples(
    withGrantOptions(withChangeOptions(command.command("create"))),
    "portcullis invitation create ann@example.com bob@example.com --developer read-write --team manager",
  )
    .description("invite people; ends in 3 if one of them can't be")
    .argument("<email...>", "1 to 100 addresses")
    .action(runner.asking(create));
  withExamples(withListOptions(command.command("list")), "portcullis invitation list --email ann@example.com")
    .description("list the invitations that were neither accepted nor revoked, newest first")
    .option("--email <address>", "for this address, without regard to case")
    .action(runner.withSession(list));
  withExamples(
    withGrantOptions(withChangeOptions(command.command("update"))),
    "portcullis invitation update inv_01h455vb4pex5vsknk084sn02q --developer read-only",
  )
    .description("give on joining these instead, and no others; the link that was sent goes on to work")
    .argument("<id>", "inv_...")
    .action(runner.withSession(update));
  withExamples(
    withChangeOptions(command.command("resend")),
    "portcullis invitation resend inv_01h455vb4pex5vsknk084sn02q",
  )
    .description("send the mail again, for another 24 hours; the earlier link no longer works")
    .argument("<id>", "inv_...")
    .action(runner.withSession(resend));
  withExamples(
    withChangeOptions(command.command("revoke")),
    "portcullis invitation revoke inv_01h455vb4pex5vsknk084sn02q",
  )
    .description("take an invitation back; its link no longer works")
    .argument("<id>", "inv_...")
    .action(runner.withSession(revoke));
  addInvitationLinks(command, runner);
  return command;
}

async function create(
  session: Session,
  emails: string[],
  options: ChangeOptions & GrantOptions,
): Promise<boolean> {
  const { account: accountId, clients, printer } = session;
  const request = { accountId, emails, grants: grantsOf(options) };
  const response = await session.change(options, (requestId, call) =>
    clients.invitations.createInvitations({ ...request, requestId }, call),
  );
  printer.answer(CreateInvitationsResponseSchema, response, ({ outcomes }) => outcomesView(outcomes));
  return response.outcomes.every(({ result }) => result === InvitationResult.CREATED);
}

async function list(session: Session, options: ListOptions & { readonly email?: string }): Promise<void> {
  const { account: accountId, clients } = session;
  const filter = { email: options.email ?? "" };
  await showList(session, options, {
    desc: ListInvitationsResponseSchema,
    read: (page, call) => clients.invitations.listInvitations({ ...page, accountId, filter }, call),
    items: ({ invitations }) => invitations,
    view: invitationsView,
  });
}

async function update(
  session: Session,
  invitationId: string,
  options: ChangeOptions & GrantOptions,
): Promise<void> {
  const { account: accountId, clients, printer } = session;
  const request = { accountId, invitationId, grants: grantsOf(options) };
  const response = await session.change(options, (requestId, call) =>
    clients.invitations.updateInvitation({ ...request, requestId }, call),
  );
  printer.answer(UpdateInvitationResponseSchema, response, ({ invitation }) => invitationView(invitation));
}

async function resend(session: Session, invitationId: string, options: ChangeOptions): Promise<void> {
  const { account: accountId, clients, printer } = session;
  const response = await session.change(options, (requestId, call) =>
    clients.invitations.resendInvitation({ accountId, invitationId, requestId }, call),
  );
  printer.answer(ResendInvitationResponseSchema, response, ({ invitation }) => invitationView(invitation));
}

async function revoke(session: Session, invitationId: string, options: ChangeOptions): Promise<void> {
  const { account: accountId, clients, printer } = session;
  const response = await session.change(options, (requestId, call) =>
    clients.invitations.revokeInvitation({ accountId, invitationId, requestId }, call),
  );
  printer.answer(RevokeInvitationResponseSchema, response, ({ invitation }) => invitationView(invitation));
}
