import {
  AddGroupMembersResponseSchema,
  AddGroupRolesResponseSchema,
  RemoveGroupMembersResponseSchema,
  RemoveGroupRolesResponseSchema,
} from "@portcullis/contracts/portcullis/authorization/v1/group_pb.ts";
import type { Command } from "commander";
import { principalForms, resolvePrincipals } from "../call/principal.ts";
import type { Session } from "../call/session.ts";
import { type TakeAwayOptions, takeAway, withTakeAwayOptions } from "../call/take-away.ts";
import { withExamples } from "../input/example.ts";
import { type ChangeOptions, withChangeOptions } from "../input/options.ts";
import type { Runner } from "../runner.ts";
import { groupView } from "./group-view.ts";

const groupId = "grp_01h455vb4pex5vsknk084sn02q";

/** Adds `add-members`, `remove-members`, `add-roles` and `remove-roles`. */
export function addGroupContent(command: Command, runner: Runner): void {
  withExamples(
    withChangeOptions(command.command("add-members")),
    `portcullis group add-members ${groupId} ann@example.com sa::build-bot`,
  )
    .description("put users and service users into a group, all or none")
    .argument("<id>", "grp_...")
    .argument("<principal...>", principalForms)
    .action(runner.withSession(addMembers));
  withExamples(
    withTakeAwayOptions(command.command("remove-members")),
    `portcullis group remove-members ${groupId} ann@example.com`,
  )
    .description("take users and service users out of a group")
    .argument("<id>", "grp_...")
    .argument("<principal...>", principalForms)
    .action(runner.withSession(removeMembers));
  withExamples(
    withChangeOptions(command.command("add-roles")),
    `portcullis group add-roles ${groupId} developer_read_only`,
  )
    .description("give a group roles, beside those that it has; all or none")
    .argument("<id>", "grp_...")
    .argument("<role...>", "as `portcullis role list` shows them; not administrator")
    .action(runner.withSession(addRoles));
  withExamples(
    withTakeAwayOptions(command.command("remove-roles")),
    `portcullis group remove-roles ${groupId} developer_read_only`,
  )
    .description("take roles from a group")
    .argument("<id>", "grp_...")
    .argument("<role...>", "as `portcullis role list` shows them")
    .action(runner.withSession(removeRoles));
}

async function addMembers(session: Session, id: string, who: string[], options: ChangeOptions) {
  const { account: accountId, clients, printer } = session;
  const principalIds = await resolvePrincipals(session, who);
  const response = await session.change(options, (requestId, call) =>
    clients.groups.addGroupMembers({ accountId, groupId: id, principalIds, requestId }, call),
  );
  printer.answer(AddGroupMembersResponseSchema, response, ({ group }) => groupView(group));
}

async function removeMembers(session: Session, id: string, who: string[], options: TakeAwayOptions) {
  const { account: accountId, clients, printer } = session;
  const principalIds = await resolvePrincipals(session, who);
  const response = await takeAway(session, options, (requestId, call) =>
    clients.groups.removeGroupMembers({ accountId, groupId: id, principalIds, requestId }, call),
  );
  printer.answer(RemoveGroupMembersResponseSchema, response, ({ group, receipt }) =>
    groupView(group, receipt),
  );
}

async function addRoles(session: Session, id: string, roleIds: string[], options: ChangeOptions) {
  const { account: accountId, clients, printer } = session;
  const response = await session.change(options, (requestId, call) =>
    clients.groups.addGroupRoles({ accountId, groupId: id, roleIds, requestId }, call),
  );
  printer.answer(AddGroupRolesResponseSchema, response, ({ group }) => groupView(group));
}

async function removeRoles(session: Session, id: string, roleIds: string[], options: TakeAwayOptions) {
  const { account: accountId, clients, printer } = session;
  const response = await takeAway(session, options, (requestId, call) =>
    clients.groups.removeGroupRoles({ accountId, groupId: id, roleIds, requestId }, call),
  );
  printer.answer(RemoveGroupRolesResponseSchema, response, ({ group, receipt }) => groupView(group, receipt));
}
