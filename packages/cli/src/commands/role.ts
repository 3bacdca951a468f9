import {
  GetRoleResponseSchema,
  ListRolesResponseSchema,
} from "@portcullis/contracts/portcullis/authorization/v1/role_pb.ts";
import { Command } from "commander";
import { showList } from "../call/list.ts";
import type { Session } from "../call/session.ts";
import { withExamples } from "../input/example.ts";
import { type ListOptions, withListOptions } from "../input/options.ts";
import type { Runner } from "../runner.ts";
import { addRoleAssignment } from "./role-assign.ts";
import { addRoleChanges } from "./role-change.ts";
import { rolesView, roleView } from "./role-view.ts";

/** `portcullis role …` */
export function roleCommand(runner: Runner): Command {
  const command = new Command("role").description(
    "roles: named sets of permissions, built-in and of the account",
  );
  withExamples(withListOptions(command.command("list")), "portcullis role list")
    .description("list the roles that can be given: built-in ones, then the account's own, newest first")
    .action(runner.withSession(list));
  withExamples(command.command("get"), "portcullis role get developer_read_write")
    .description("show a role")
    .argument("<id>", "as `portcullis role list` shows it")
    .action(runner.withSession(get));
  addRoleChanges(command, runner);
  addRoleAssignment(command, runner);
  return command;
}

async function list(session: Session, options: ListOptions): Promise<void> {
  const { account: accountId, clients } = session;
  await showList(session, options, {
    desc: ListRolesResponseSchema,
    read: (page, call) => clients.roles.listRoles({ ...page, accountId }, call),
    items: ({ roles }) => roles,
    view: rolesView,
  });
}

async function get({ account: accountId, clients, printer, read }: Session, roleId: string): Promise<void> {
  const response = await read((call) => clients.roles.getRole({ accountId, roleId }, call));
  printer.answer(GetRoleResponseSchema, response, ({ role }) => roleView(role));
}
