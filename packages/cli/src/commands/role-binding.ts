import {
  CreateRoleBindingResponseSchema,
  DeleteRoleBindingResponseSchema,
  ListRoleBindingsResponseSchema,
  type RoleBinding,
} from "@portcullis/contracts/portcullis/authorization/v1/role_binding_pb.ts";
import { Command } from "commander";
import { showList } from "../call/list.ts";
import { memberForms, resolvePrincipal } from "../call/principal.ts";
import type { Session } from "../call/session.ts";
import { type TakeAwayOptions, takeAway, withTakeAwayOptions } from "../call/take-away.ts";
import { withExamples } from "../input/example.ts";
import { type ListOptions, withListOptions } from "../input/options.ts";
import type { View } from "../output/view.ts";
import { instant } from "../output/words.ts";
import type { Runner } from "../runner.ts";
import { doneView } from "./in-force-view.ts";

/** `portcullis role-binding …` */
export function roleBindingCommand(runner: Runner): Command {
  const command = new Command("role-binding").description("the values of memberships: who holds which");
  withExamples(
    withTakeAwayOptions(command.command("create")),
    "portcullis role-binding create ann@example.com administrator",
  )
    .description("give a role to a member; one of the same aspect goes with it")
    .argument("<principal>", memberForms)
    .argument("<role>", "as `portcullis role list` shows it")
    .action(runner.withSession(give));
  withExamples(
    withTakeAwayOptions(command.command("delete")),
    "portcullis role-binding delete ann@example.com administrator",
  )
    .description("take a role from a member")
    .argument("<principal>", memberForms)
    .argument("<role>", "as `portcullis role list` shows it")
    .action(runner.withSession(take));
  withExamples(
    withListOptions(command.command("list")),
    "portcullis role-binding list --principal ann@example.com",
  )
    .description("list who holds which role")
    .option("--principal <member>", `of this one only: ${memberForms}`)
    .action(runner.withSession(list));
  return command;
}

async function give(
  session: Session,
  principal: string,
  roleId: string,
  options: TakeAwayOptions,
): Promise<void> {
  const { account: accountId, clients, printer } = session;
  const { principalId } = await resolvePrincipal(session, principal);
  const response = await takeAway(session, options, (requestId, call) =>
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
  options: TakeAwayOptions,
): Promise<void> {
  const { account: accountId, clients, printer } = session;
  const { principalId } = await resolvePrincipal(session, principal);
  const response = await takeAway(session, options, (requestId, call) =>
    clients.roleBindings.deleteRoleBinding({ accountId, principalId, roleId, requestId }, call),
  );
  printer.answer(DeleteRoleBindingResponseSchema, response, ({ receipt }) =>
    doneView(`${principalId} no longer holds ${roleId}.`, receipt),
  );
}

async function list(session: Session, options: ListOptions & { readonly principal?: string }): Promise<void> {
  const { account: accountId, clients } = session;
  const { principal } = options;
  const principalId = principal === undefined ? "" : (await resolvePrincipal(session, principal)).principalId;
  await showList(session, options, {
    desc: ListRoleBindingsResponseSchema,
    read: (page, call) => clients.roleBindings.listRoleBindings({ ...page, accountId, principalId }, call),
    items: ({ roleBindings }) => roleBindings,
    view: roleBindingsView,
  });
}

function roleBindingsView(bindings: readonly RoleBinding[]): View {
  return {
    kind: "table",
    columns: [{ title: "PRINCIPAL" }, { title: "ROLE" }, { title: "SINCE" }],
    rows: bindings.map(({ principalId, roleId, createTime }) => [principalId, roleId, instant(createTime)]),
    empty: "No role bindings.",
  };
}
