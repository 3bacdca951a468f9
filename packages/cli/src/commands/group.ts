import {
  GetGroupResponseSchema,
  ListGroupMembersResponseSchema,
  ListGroupsResponseSchema,
} from "@portcullis/contracts/portcullis/authorization/v1/group_pb.ts";
import { Command } from "commander";
import { showList } from "../call/list.ts";
import { principalForms, resolvePrincipal } from "../call/principal.ts";
import type { Session } from "../call/session.ts";
import { withExamples } from "../input/example.ts";
import { type ListOptions, withListOptions } from "../input/options.ts";
import type { Runner } from "../runner.ts";
import { addGroupChanges } from "./group-change.ts";
import { addGroupContent } from "./group-content.ts";
import { groupsView, groupView } from "./group-view.ts";

/** `portcullis group …` */
export function groupCommand(runner: Runner): Command {
  const command = new Command("group").description("groups: users and service users who hold roles together");
  withExamples(command.command("get"), "portcullis group get grp_everyone")
    .description("show a group with its roles")
    .argument("<id>", "grp_...")
    .action(runner.withSession(get));
  withExamples(withListOptions(command.command("list")), "portcullis group list --member sa::build-bot")
    .description("list the groups: Everyone, then the others, newest first")
    .option("--member <principal>", `those that it is in: ${principalForms}`)
    .action(runner.withSession(list));
  withExamples(withListOptions(command.command("members")), "portcullis group members grp_everyone --all")
    .description("list who is in a group, by id")
    .argument("<id>", "grp_...")
    .action(runner.withSession(members));
  addGroupChanges(command, runner);
  addGroupContent(command, runner);
  return command;
}

async function get({ account: accountId, clients, printer, read }: Session, groupId: string): Promise<void> {
  const response = await read((call) => clients.groups.getGroup({ accountId, groupId }, call));
  printer.answer(GetGroupResponseSchema, response, ({ group }) => groupView(group));
}

async function list(session: Session, options: ListOptions & { readonly member?: string }): Promise<void> {
  const { account: accountId, clients } = session;
  const { member } = options;
  const principalId = member === undefined ? "" : (await resolvePrincipal(session, member)).principalId;
  await showList(session, options, {
    desc: ListGroupsResponseSchema,
    read: (page, call) => clients.groups.listGroups({ ...page, accountId, principalId }, call),
    items: ({ groups }) => groups,
    view: groupsView,
  });
}

async function members(session: Session, groupId: string, options: ListOptions): Promise<void> {
  const { account: accountId, clients } = session;
  await showList(session, options, {
    desc: ListGroupMembersResponseSchema,
    read: (page, call) => clients.groups.listGroupMembers({ ...page, accountId, groupId }, call),
    items: ({ principalIds }) => principalIds,
    view: (principalIds) => ({
      kind: "table",
      columns: [{ title: "PRINCIPAL" }],
      rows: principalIds.map((principalId) => [principalId]),
      empty: "Nobody.",
    }),
  });
}
