import {
  CreateRoleResponseSchema,
  DeleteRoleResponseSchema,
  UpdateRoleResponseSchema,
} from "@portcullis/contracts/portcullis/authorization/v1/role_pb.ts";
import { type Command, Option } from "commander";
import type { Session } from "../call/session.ts";
import { type TakeAwayEtagOptions, takeAway } from "../call/take-away.ts";
import { withExamples } from "../input/example.ts";
import { maskOf } from "../input/mask.ts";
import { type ChangeOptions, collect, withChangeOptions, withEtagOptions } from "../input/options.ts";
import { withReceiptOption } from "../output/receipt-file.ts";
import type { Runner } from "../runner.ts";
import { doneView } from "./in-force-view.ts";
import { roleView } from "./role-view.ts";

interface RoleFields {
  readonly description?: string;
  readonly permission?: readonly string[];
}

interface UpdateOptions extends TakeAwayEtagOptions, RoleFields {
  readonly name?: string;
  readonly clearPermissions?: true;
}

/** Adds `create`, `update` and `delete`. */
export function addRoleChanges(command: Command, runner: Runner): void {
  withExamples(
    withChangeOptions(command.command("create")),
    "portcullis role create Auditor --permission identity.members.read --permission authorization.check",
  )
    .description("create a role of the account's own")
    .argument("<name>", "unique in the account without regard to case")
    .option("--description <text>", "what it is for")
    .addOption(
      new Option("--permission <id>", "what it allows; may be given several times").argParser(collect),
    )
    .action(runner.withSession(create));
  withExamples(
    withReceiptOption(withEtagOptions(command.command("update"))),
    "portcullis role update role_01h455vb4pex5vsknk084sn02q --permission identity.members.read",
  )
    .description("change a role of the account's own; --permission replaces what was there")
    .argument("<id>", "role_...")
    .option("--name <name>", "the new name")
    .option("--description <text>", "the new description")
    .addOption(
      new Option("--permission <id>", "the new permissions; may be given several times").argParser(collect),
    )
    .addOption(new Option("--clear-permissions", "no permissions").conflicts("permission"))
    .action(runner.withSession(update));
  withExamples(
    withReceiptOption(withEtagOptions(command.command("delete"))),
    "portcullis role delete role_01h455vb4pex5vsknk084sn02q --force",
  )
    .description("delete a role of the account's own for ever")
    .argument("<id>", "role_...")
    .option("--force", "also if somebody holds it, who then loses it")
    .action(runner.withSession(remove));
}

async function create(
  session: Session,
  displayName: string,
  options: ChangeOptions & RoleFields,
): Promise<void> {
  const { account: accountId, clients, printer } = session;
  const { description = "", permission = [] } = options;
  const request = { accountId, displayName, description, permissionIds: [...permission] };
  const response = await session.change(options, (requestId, call) =>
    clients.roles.createRole({ ...request, requestId }, call),
  );
  printer.answer(CreateRoleResponseSchema, response, ({ role }) => roleView(role));
}

async function update(session: Session, roleId: string, options: UpdateOptions): Promise<void> {
  const { account: accountId, clients, printer } = session;
  const { name, description, etag = "" } = options;
  const permissions = options.clearPermissions ? [] : options.permission;
  const request = {
    accountId,
    roleId,
    displayName: name ?? "",
    description: description ?? "",
    permissionIds: [...(permissions ?? [])],
    updateMask: maskOf({ display_name: name, description, permission_ids: permissions }),
    etag,
  };
  const response = await takeAway(session, options, (requestId, call) =>
    clients.roles.updateRole({ ...request, requestId }, call),
  );
  printer.answer(UpdateRoleResponseSchema, response, ({ role, receipt }) => roleView(role, receipt));
}

async function remove(
  session: Session,
  roleId: string,
  options: TakeAwayEtagOptions & { readonly force?: true },
): Promise<void> {
  const { account: accountId, clients, printer } = session;
  const { force = false, etag = "" } = options;
  const response = await takeAway(session, options, (requestId, call) =>
    clients.roles.deleteRole({ accountId, roleId, force, etag, requestId }, call),
  );
  printer.answer(DeleteRoleResponseSchema, response, ({ receipt }) =>
    doneView(`Deleted ${roleId}.`, receipt),
  );
}
