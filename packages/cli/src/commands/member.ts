import {
  DisableMembershipResponseSchema,
  EnableMembershipResponseSchema,
  GetMembershipResponseSchema,
  ListMembershipsResponseSchema,
  RemoveMembershipResponseSchema,
} from "@portcullis/contracts/portcullis/identity/v1/membership_pb.ts";
import { Command } from "commander";
import { showList } from "../call/list.ts";
import { memberForms, resolveMember } from "../call/principal.ts";
import type { Session } from "../call/session.ts";
import { type TakeAwayEtagOptions, takeAway } from "../call/take-away.ts";
import { type ConsentOptions, requireConsent } from "../input/consent.ts";
import { withExamples } from "../input/example.ts";
import { type EtagOptions, type ListOptions, withEtagOptions, withListOptions } from "../input/options.ts";
import { withReceiptOption } from "../output/receipt-file.ts";
import type { Runner } from "../runner.ts";
import { addMemberRoles } from "./member-roles.ts";
import { membersView, memberView } from "./member-view.ts";

interface ListMembersOptions extends ListOptions {
  readonly email?: string;
  readonly emailContains?: string;
}

/** `portcullis member …` */
export function memberCommand(runner: Runner): Command {
  const command = new Command("member").description("members: people in the account");
  withExamples(command.command("get"), "portcullis member get ann@example.com")
    .description("show a member")
    .argument("<member>", memberForms)
    .action(runner.withSession(get));
  withExamples(
    withListOptions(command.command("list")),
    "portcullis member list --email-contains @example.com",
  )
    .description("list the members, newest first")
    .option("--email <address>", "with this address, without regard to case")
    .option("--email-contains <text>", "with an address that has this in it, without regard to case")
    .action(runner.withSession(list));
  addMemberRoles(command, runner);
  withExamples(
    withReceiptOption(withEtagOptions(command.command("disable"))),
    "portcullis member disable ann@example.com --receipt ann.json",
  )
    .description("refuse a member's sessions and credentials in the account from now on, and keep them")
    .argument("<member>", memberForms)
    .action(runner.withSession(disable));
  withExamples(withEtagOptions(command.command("enable")), "portcullis member enable ann@example.com")
    .description("let a disabled member's sessions and credentials work again")
    .argument("<member>", memberForms)
    .action(runner.withSession(enable));
  withExamples(
    withReceiptOption(withEtagOptions(command.command("remove"))),
    "portcullis member remove ann@example.com --yes",
  )
    .description("end a membership, with all sessions and credentials of the person in the account, for ever")
    .argument("<member>", memberForms)
    .option("--yes", "do not ask")
    .action(runner.withSession(remove));
  return command;
}

async function get(session: Session, member: string): Promise<void> {
  const { account: accountId, clients, printer } = session;
  const principalId = await resolveMember(session, member);
  const response = await session.read((call) =>
    clients.memberships.getMembership({ accountId, principalId }, call),
  );
  printer.answer(GetMembershipResponseSchema, response, ({ membership }) => memberView(membership));
}

async function list(session: Session, options: ListMembersOptions): Promise<void> {
  const { account: accountId, clients } = session;
  const filter = { email: options.email ?? "", emailContains: options.emailContains ?? "" };
  await showList(session, options, {
    desc: ListMembershipsResponseSchema,
    read: (page, call) => clients.memberships.listMemberships({ ...page, accountId, filter }, call),
    items: ({ memberships }) => memberships,
    view: membersView,
  });
}

async function disable(session: Session, member: string, options: TakeAwayEtagOptions): Promise<void> {
  const { account: accountId, clients, printer } = session;
  const request = { accountId, principalId: await resolveMember(session, member), etag: options.etag ?? "" };
  const response = await takeAway(session, options, (requestId, call) =>
    clients.memberships.disableMembership({ ...request, requestId }, call),
  );
  printer.answer(DisableMembershipResponseSchema, response, ({ membership, receipt }) =>
    memberView(membership, receipt),
  );
}

async function enable(session: Session, member: string, options: EtagOptions): Promise<void> {
  const { account: accountId, clients, printer } = session;
  const request = { accountId, principalId: await resolveMember(session, member), etag: options.etag ?? "" };
  const response = await session.change(options, (requestId, call) =>
    clients.memberships.enableMembership({ ...request, requestId }, call),
  );
  printer.answer(EnableMembershipResponseSchema, response, ({ membership }) => memberView(membership));
}

async function remove(
  session: Session,
  member: string,
  options: TakeAwayEtagOptions & ConsentOptions,
): Promise<void> {
  const { account: accountId, clients, printer, terminal } = session;
  await requireConsent(terminal, `Remove ${member} with all credentials in the account for ever?`, options);
  const request = { accountId, principalId: await resolveMember(session, member), etag: options.etag ?? "" };
  const response = await takeAway(session, options, (requestId, call) =>
    clients.memberships.removeMembership({ ...request, requestId }, call),
  );
  printer.answer(RemoveMembershipResponseSchema, response, ({ membership, receipt }) =>
    memberView(membership, receipt),
  );
}
