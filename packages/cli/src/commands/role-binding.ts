import { create } from "@bufbuild/protobuf";
import {
  CreateRoleBindingResponseSchema,
  DeleteRoleBindingResponseSchema,
  ListRoleBindingsResponseSchema,
  type RoleBinding,
} from "@portcullis/contracts/portcullis/authorization/v1/role_binding_pb.ts";
import { Command } from "commander";
import { noteIfMore, readPages } from "../call/pages.ts";
import { resolvePrincipal } from "../call/principal.ts";
import type { Session } from "../call/session.ts";
import {
  type ChangeOptions,
  type ListOptions,
  withChangeOptions,
  withListOptions,
} from "../input/options.ts";
import type { View } from "../output/view.ts";
import { instant } from "../output/words.ts";
import type { Runner } from "../runner.ts";

/** `portcullis role-binding …` */
export function roleBindingCommand(runner: Runner): Command {
  const command = new Command("role-binding").description("who holds which role");
  withChangeOptions(command.command("create"))
    .description("give a role to a user; one of the same aspect goes with it")
    .argument("<principal>", "user_...")
    .argument("<role>", "as `portcullis role list` shows it")
    .action(runner.withSession(give));
  withChangeOptions(command.command("delete"))
    .description("take a role from a user")
    .argument("<principal>", "user_...")
    .argument("<role>", "as `portcullis role list` shows it")
    .action(runner.withSession(take));
  withListOptions(command.command("list"))
    .description("list who holds which role")
    .option("--principal <id>", "of this user only")
    .action(runner.withSession(list));
  return command;
}

async function give(
  session: Session,
  principal: string,
  roleId: string,
  options: ChangeOptions,
): Promise<void> {
  const { account: accountId, clients, printer } = session;
  const { principalId } = await resolvePrincipal(session, principal);
  const response = await session.change(options, (requestId, call) =>
    clients.roleBindings.createRoleBinding({ accountId, principalId, roleId, requestId }, call),
  );
  printer.answer(CreateRoleBindingResponseSchema, response, ({ roleBinding }) =>
    roleBindingsView(roleBinding === undefined ? [] : [roleBinding]),
  );
}

async function take(
  session: Session,
  principal: string,
  roleId: string,
  options: ChangeOptions,
): Promise<void> {
  const { account: accountId, clients, printer } = session;
  const { principalId } = await resolvePrincipal(session, principal);
  const response = await session.change(options, (requestId, call) =>
    clients.roleBindings.deleteRoleBinding({ accountId, principalId, roleId, requestId }, call),
  );
  const text = `${principalId} no longer holds ${roleId}.`;
  printer.answer(DeleteRoleBindingResponseSchema, response, () => ({ kind: "line", text }));
}

async function list(session: Session, options: ListOptions & { readonly principal?: string }): Promise<void> {
  const { account: accountId, clients, printer } = session;
  const { principal } = options;
  const principalId = principal === undefined ? "" : (await resolvePrincipal(session, principal)).principalId;
  const { items: roleBindings, nextPageToken } = await readPages(options, async (pageSize, pageToken) => {
    const request = { accountId, principalId, pageSize, pageToken };
    const page = await session.read((call) => clients.roleBindings.listRoleBindings(request, call));
    return { items: page.roleBindings, nextPageToken: page.nextPageToken };
  });
  const response = create(ListRoleBindingsResponseSchema, { roleBindings, nextPageToken });
  printer.answer(ListRoleBindingsResponseSchema, response, () => roleBindingsView(roleBindings));
  noteIfMore(printer, nextPageToken);
}

function roleBindingsView(bindings: readonly RoleBinding[]): View {
  return {
    kind: "table",
    columns: [{ title: "PRINCIPAL" }, { title: "ROLE" }, { title: "SINCE" }],
    rows: bindings.map(({ principalId, roleId, createTime }) => [principalId, roleId, instant(createTime)]),
    empty: "No role bindings.",
  };
}
