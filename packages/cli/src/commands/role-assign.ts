import {
  AssignRolesResponseSchema,
  BatchGetRoleHoldersResponseSchema,
  UnassignRolesResponseSchema,
} from "@portcullis/contracts/portcullis/authorization/v1/grant_pb.ts";
import { type Command, Option } from "commander";
import { principalForms, resolvePrincipals } from "../call/principal.ts";
import type { Session } from "../call/session.ts";
import { type TakeAwayOptions, takeAway, withTakeAwayOptions } from "../call/take-away.ts";
import { withExamples } from "../input/example.ts";
import { type ChangeOptions, collect, withChangeOptions } from "../input/options.ts";
import type { Runner } from "../runner.ts";
import { doneView } from "./in-force-view.ts";

interface ToOptions extends ChangeOptions {
  readonly to: readonly string[];
}

interface FromOptions extends TakeAwayOptions {
  readonly from: readonly string[];
}

/** How many holders of a role are named. */
const namesMax = 20;

/** Adds `assign`, `unassign` and `holders`. */
export function addRoleAssignment(command: Command, runner: Runner): void {
  const who = (flag: string) =>
    new Option(`--${flag} <principal>`, `${principalForms}; may be given several times`)
      .argParser(collect)
      .makeOptionMandatory();
  withExamples(
    withChangeOptions(command.command("assign")),
    "portcullis role assign role_01h455vb4pex5vsknk084sn02q --to ann@example.com --to sa::build-bot",
  )
    .description("give roles to users and service users, beside those that they hold; all or none")
    .argument("<role...>", "as `portcullis role list` shows them")
    .addOption(who("to"))
    .action(runner.withSession(assign));
  withExamples(
    withTakeAwayOptions(command.command("unassign")),
    "portcullis role unassign role_01h455vb4pex5vsknk084sn02q --from sa::build-bot",
  )
    .description("take roles that were assigned; what groups give stays")
    .argument("<role...>", "as `portcullis role list` shows them")
    .addOption(who("from"))
    .action(runner.withSession(unassign));
  withExamples(command.command("holders"), "portcullis role holders administrator developer_read_write")
    .description(`tell who holds roles: how many, and the first ${namesMax} by name`)
    .argument("<role...>", "as `portcullis role list` shows them")
    .action(runner.withSession(holders));
}

async function assign(session: Session, roleIds: string[], options: ToOptions): Promise<void> {
  const { account: accountId, clients, printer } = session;
  const principalIds = await resolvePrincipals(session, options.to);
  const response = await session.change(options, (requestId, call) =>
    clients.grants.assignRoles({ accountId, principalIds, roleIds, requestId }, call),
  );
  printer.answer(AssignRolesResponseSchema, response, () =>
    doneView(`${principalIds.join(", ")}: ${roleIds.join(", ")} assigned.`),
  );
}

async function unassign(session: Session, roleIds: string[], options: FromOptions): Promise<void> {
  const { account: accountId, clients, printer } = session;
  const principalIds = await resolvePrincipals(session, options.from);
  const response = await takeAway(session, options, (requestId, call) =>
    clients.grants.unassignRoles({ accountId, principalIds, roleIds, requestId }, call),
  );
  printer.answer(UnassignRolesResponseSchema, response, ({ receipt }) =>
    doneView(`${principalIds.join(", ")}: ${roleIds.join(", ")} not assigned any more.`, receipt),
  );
}

async function holders({ account: accountId, clients, printer, read }: Session, roleIds: string[]) {
  const response = await read((call) =>
    clients.grants.batchGetRoleHolders({ accountId, roleIds, namesMax }, call),
  );
  printer.answer(BatchGetRoleHoldersResponseSchema, response, (answer) => ({
    kind: "table",
    columns: [{ title: "ROLE" }, { title: "PRINCIPALS" }, { title: "GROUPS" }, { title: "WHO", cut: true }],
    rows: answer.holders.map((of) => [
      of.roleId,
      String(of.principalCount),
      String(of.groupCount),
      [...of.groupIds, ...of.principalIds].join(", "),
    ]),
    empty: "Nobody.",
  }));
}
